/**
 * A small typed client for Vitrine, for browsers and for Node 18 or later. It needs nothing but `fetch`.
 *
 * `Operations` in `schema.d.ts` knows every route, what it takes and what it answers; this file only carries it.
 */
import type { Operations, Problem } from "./schema.js";

export type * from "./schema.js";

export interface Settings {
  /** Where Vitrine runs, such as `https://shop.example`. */
  baseUrl: string;
  /** A publishable key (`vt_pk_…`) in a page, a secret one (`vt_sk_…`) on a server. */
  key: string;
  /** How often a request that cannot do harm twice is repeated after 429, 503 or no answer; 2 unless said. */
  retries?: number;
}

export interface Answer<Output> {
  data: Output;
  /** What `ifMatch` of a change takes. */
  etag: string | null;
  /** What to quote to whoever runs the server. */
  requestId: string | null;
  /** Whether this is the stored answer to an earlier request with the same idempotency key. */
  replayed: boolean;
}

type Route = keyof Operations;
type Input<R extends Route> = Operations[R]["input"] & { signal?: AbortSignal };
type Arguments<R extends Route> = {} extends Operations[R]["input"] ? [input?: Input<R>] : [input: Input<R>];
/** An input as it is at run time. */
interface Given {
  path?: Record<string, string>;
  query?: Record<string, string | number | boolean | null | undefined>;
  body?: unknown;
  idempotencyKey?: string;
  ifMatch?: string;
  signal?: AbortSignal;
}

/** The API refused; `problem` says why (RFC 9457). `problem.type` ends in the slug to tell refusals apart. */
export class Refusal extends Error {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(`${problem.title}: ${problem.detail}`);
    this.name = "Refusal";
    this.problem = problem;
  }

  get slug(): string {
    return this.problem.type.slice(this.problem.type.lastIndexOf("/") + 1);
  }
}

export class Vitrine {
  readonly #settings: Settings;

  constructor(settings: Settings) {
    this.#settings = settings;
  }

  /** Call one route: `await vitrine.call("GET /v1/products", { query: { limit: 20 } })`. Throws a Refusal. */
  async call<R extends Route>(route: R, ...[input]: Arguments<R>): Promise<Answer<Operations[R]["output"]>> {
    const given: Given = input ?? {};
    const [method = "GET", template = ""] = route.split(" ");
    const request = this.#request(method, given);
    const harmless = method === "GET" || given.idempotencyKey !== undefined;
    const answer = await this.#send(this.#address(template, given), request, harmless ? (this.#settings.retries ?? 2) : 0);
    return {
      data: (await read(answer)) as Operations[R]["output"],
      etag: answer.headers.get("ETag"),
      requestId: answer.headers.get("Request-Id"),
      replayed: answer.headers.get("Idempotent-Replayed") === "true",
    };
  }

  #address(template: string, given: Given): string {
    const path = template.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(given.path?.[name] ?? ""));
    const query = new URLSearchParams();
    for (const [name, value] of Object.entries(given.query ?? {})) {
      if (value !== undefined && value !== null) query.append(name, String(value));
    }
    return `${this.#settings.baseUrl.replace(/\/+$/, "")}${path}${query.size ? `?${query}` : ""}`;
  }

  #request(method: string, given: Given): RequestInit {
    const headers = new Headers({ Authorization: `Bearer ${this.#settings.key}` });
    if (given.idempotencyKey !== undefined) headers.set("Idempotency-Key", given.idempotencyKey);
    if (given.ifMatch !== undefined) headers.set("If-Match", given.ifMatch);
    const request: RequestInit = { method, headers, credentials: "omit" };
    if (given.signal !== undefined) request.signal = given.signal;
    if (given.body instanceof FormData) request.body = given.body;
    else if (given.body !== undefined) {
      headers.set("Content-Type", "application/json");
      request.body = JSON.stringify(given.body);
    }
    return request;
  }

  async #send(address: string, request: RequestInit, retries: number): Promise<Response> {
    for (let left = retries; ; left -= 1) {
      try {
        const answer = await fetch(address, request);
        if (answer.ok) return answer;
        if (left <= 0 || (answer.status !== 429 && answer.status !== 503)) throw new Refusal(await answer.json());
        await pause(Number(answer.headers.get("Retry-After") ?? 1));
      } catch (error) {
        if (error instanceof Refusal || request.signal?.aborted || left <= 0) throw error;
        await pause(1);
      }
    }
  }
}

async function read(answer: Response): Promise<unknown> {
  if (answer.status === 204) return undefined;
  return (answer.headers.get("Content-Type") ?? "").startsWith("application/json") ? answer.json() : answer.blob();
}

/** Ten seconds at most, whatever the server asks for. */
function pause(seconds: number): Promise<void> {
  return new Promise((done) => setTimeout(done, Math.min(seconds, 10) * 1000));
}

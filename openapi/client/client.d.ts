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
type Input<R extends Route> = Operations[R]["input"] & {
    signal?: AbortSignal;
};
type Arguments<R extends Route> = {} extends Operations[R]["input"] ? [input?: Input<R>] : [input: Input<R>];
/** The API refused; `problem` says why (RFC 9457). `problem.type` ends in the slug to tell refusals apart. */
export declare class Refusal extends Error {
    readonly problem: Problem;
    constructor(problem: Problem);
    get slug(): string;
}
export declare class Vitrine {
    #private;
    constructor(settings: Settings);
    /** Call one route: `await vitrine.call("GET /v1/products", { query: { limit: 20 } })`. Throws a Refusal. */
    call<R extends Route>(route: R, ...[input]: Arguments<R>): Promise<Answer<Operations[R]["output"]>>;
}

/** The API refused; `problem` says why (RFC 9457). `problem.type` ends in the slug to tell refusals apart. */
export class Refusal extends Error {
    problem;
    constructor(problem) {
        super(`${problem.title}: ${problem.detail}`);
        this.name = "Refusal";
        this.problem = problem;
    }
    get slug() {
        return this.problem.type.slice(this.problem.type.lastIndexOf("/") + 1);
    }
}
export class Vitrine {
    #settings;
    constructor(settings) {
        this.#settings = settings;
    }
    /** Call one route: `await vitrine.call("GET /v1/products", { query: { limit: 20 } })`. Throws a Refusal. */
    async call(route, ...[input]) {
        const given = input ?? {};
        const [method = "GET", template = ""] = route.split(" ");
        const request = this.#request(method, given);
        const harmless = method === "GET" || given.idempotencyKey !== undefined;
        const answer = await this.#send(this.#address(template, given), request, harmless ? (this.#settings.retries ?? 2) : 0);
        return {
            data: (await read(answer)),
            etag: answer.headers.get("ETag"),
            requestId: answer.headers.get("Request-Id"),
            replayed: answer.headers.get("Idempotent-Replayed") === "true",
        };
    }
    #address(template, given) {
        const path = template.replace(/\{(\w+)\}/g, (_, name) => encodeURIComponent(given.path?.[name] ?? ""));
        const query = new URLSearchParams();
        for (const [name, value] of Object.entries(given.query ?? {})) {
            if (value !== undefined && value !== null)
                query.append(name, String(value));
        }
        return `${this.#settings.baseUrl.replace(/\/+$/, "")}${path}${query.size ? `?${query}` : ""}`;
    }
    #request(method, given) {
        const headers = new Headers({ Authorization: `Bearer ${this.#settings.key}` });
        if (given.idempotencyKey !== undefined)
            headers.set("Idempotency-Key", given.idempotencyKey);
        if (given.ifMatch !== undefined)
            headers.set("If-Match", given.ifMatch);
        const request = { method, headers, credentials: "omit" };
        if (given.signal !== undefined)
            request.signal = given.signal;
        if (given.body instanceof FormData)
            request.body = given.body;
        else if (given.body !== undefined) {
            headers.set("Content-Type", "application/json");
            request.body = JSON.stringify(given.body);
        }
        return request;
    }
    async #send(address, request, retries) {
        for (let left = retries;; left -= 1) {
            try {
                const answer = await fetch(address, request);
                if (answer.ok)
                    return answer;
                if (left <= 0 || (answer.status !== 429 && answer.status !== 503))
                    throw new Refusal(await answer.json());
                await pause(Number(answer.headers.get("Retry-After") ?? 1));
            }
            catch (error) {
                if (error instanceof Refusal || request.signal?.aborted || left <= 0)
                    throw error;
                await pause(1);
            }
        }
    }
}
async function read(answer) {
    if (answer.status === 204)
        return undefined;
    return (answer.headers.get("Content-Type") ?? "").startsWith("application/json") ? answer.json() : answer.blob();
}
/** Ten seconds at most, whatever the server asks for. */
function pause(seconds) {
    return new Promise((done) => setTimeout(done, Math.min(seconds, 10) * 1000));
}

// A front end in fifty lines: list, show, check out with the token of the tap, wait for the payment.
//
//   node example.js http://127.0.0.1:8000 vt_pk_… "https://shop.example/robe?sl=TOKEN"
//
// In a page, the third is `location.href`; its origin must be one of the shop's (`PATCH /v1/shop`, `origins`).
import { Refusal, Vitrine } from "./client.js";

/** @type {string[]} */
const [baseUrl = "", key = "", page = "http://localhost/"] = Reflect.get(globalThis, "process").argv.slice(2);
const vitrine = new Vitrine({ baseUrl, key });

const { data: products } = await vitrine.call("GET /v1/products", { query: { limit: 20, q: "robe" } });
for (const product of products.items) console.log(`- ${product.title} ${price(product.variants[0])}`);

const first = products.items.find((product) => product.variants.some((variant) => variant.in_stock));
if (!first) throw new Error("Nothing to buy here.");
const { data: product } = await vitrine.call("GET /v1/products/{product_id}", { path: { product_id: first.id } });
const variant = product.variants.find((each) => each.in_stock) ?? product.variants[0];
if (!variant) throw new Error("Sold out meanwhile.");
console.log(`I take ${product.title} ${variant.title}`);

// The tap on a post brought the buyer here; its token tells the order which post that was.
const token = new URL(page).searchParams.get("sl");
try {
  const { data: checkout } = await vitrine.call("POST /v1/checkouts", {
    body: { items: [{ variant_id: variant.id, quantity: 1 }], origin: token ? { click_token: token } : {} },
    idempotencyKey: crypto.randomUUID(), // Once for each basket: a repeated request is answered, not bought again.
  });
  console.log(`Pay at ${checkout.url}`); // In a page: location.assign(checkout.url)
  console.log(`Order ${checkout.order_id}: ${await outcome(checkout.id)}`);
} catch (error) {
  if (error instanceof Refusal && error.slug === "out-of-stock") console.log("Somebody was faster.");
  else throw error;
}

/** @param {string} checkout_id */
async function outcome(checkout_id) {
  for (let tries = 0; tries < 120; tries += 1) {
    const { data } = await vitrine.call("GET /v1/checkouts/{checkout_id}", { path: { checkout_id } });
    if (data.status !== "creating" && data.status !== "open") return data.status;
    await new Promise((done) => setTimeout(done, 250));
  }
  return "still open";
}

/** @param {import("./client.js").VariantOut | undefined} variant */
function price(variant) {
  const found = variant?.prices[0];
  if (!found) return "";
  const money = new Intl.NumberFormat("fr", { style: "currency", currency: found.currency });
  return money.format(found.amount / 10 ** (money.resolvedOptions().maximumFractionDigits ?? 2));
}

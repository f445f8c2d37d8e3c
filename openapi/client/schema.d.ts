// Written by `vitrine openapi` from openapi.json: change the routes, not this.

/** A postal address as the buyer typed it. */
export type AddressOut = {
  line1: string | null;
  line2: string | null;
  postal_code: string | null;
  city: string | null;
  state: string | null;
  country: string | null;
};

/** A rectangle on a picture, each edge 0..1 of its width or height. */
export type AreaOut = {
  left: number;
  top: number;
  right: number;
  bottom: number;
};

/** What may be changed about a picture; what is absent stays. A `focal_point` of null is the one that was found. */
export type AssetChange = {
  /** What the picture shows, for who cannot see it. */
  alt_text?: string;
  /** What must stay in the picture when it is cropped. */
  focal_point?: PointIn | null;
};

/** A picture that lies on the web: at a public https address, on port 443 or 8443. */
export type AssetImport = {
  url: string;
  /** What the picture shows, for who cannot see it. */
  alt_text?: string;
};

/** A picture as it was kept: JPEG, sRGB, upright, without metadata. Sizes in pixels and bytes. What it is like was measured when it came in. `focal_point` is what stays when it is cropped, `focal_source` who chose it. `subject` is where the product is, null where nothing stands out; `background` the colour of a flat one. `sharpness` is 0..1, null of one even plane. `thumbhash` (base64) is a preview to show while the picture loads. `too_small_for` are the formats, the shop's own among them, that it would have to be enlarged to fill. */
export type AssetOut = {
  id: string;
  url: string;
  media_type: string;
  width: number;
  height: number;
  bytes: number;
  sha256: string;
  alt_text: string;
  focal_point: PointOut;
  focal_source: "found" | "set";
  subject: AreaOut | null;
  palette: Array<SwatchOut>;
  background: string | null;
  sharpness: number | null;
  thumbhash: string;
  too_small_for: Array<string>;
  warnings: Array<Record<string, string | number>>;
  archived_at: string | null;
  created_at: string;
  updated_at: string;
};

export type AssetUpload = {
  file: string;
  /** What the picture shows, for who cannot see it. */
  alt_text?: string;
};

/** Where the order came from and how that is known; written once, never changed. `network` is `unknown` where nothing tells. `view_through` is always null: organic posts carry no impression ids, so nobody can know it. `evidence` has the deciding sign first. `creator_id` is whose link it was, or whose discount code where no link says so; `variant` the arm of the link's experiment, 0 without one. */
export type AttributionOut = {
  network: string;
  placement: string | null;
  post_id: string | null;
  link_id: string | null;
  creator_id: string | null;
  variant: number;
  click_id: string | null;
  method: "cart_origin" | "click_id" | "code" | "cookie" | "in_app" | "link" | "none" | "referrer" | "token" | "utm";
  confidence: "explicit" | "high" | "low" | "medium" | "none";
  campaign: string | null;
  utm: Record<string, string>;
  evidence: Array<Sign>;
  view_through: null;
};

/** A few words on a plate of their own. With a `corner` it lies on the picture where nothing of the product is. */
export type BadgeLayer = {
  layer: "badge";
  /** Words, with {title}, {subtitle}, {shop}, {badge}, {quote}, {author}, {action}, {deadline}, {price}, {page} or {new} where the scene's are to stand. */
  text?: string;
  /** Of the type, in thousandths of the canvas' mean side. */
  size?: number;
  /** Of the type, in thousandths of the canvas' mean side. */
  smallest?: number;
  /** One of ground, ink, accent, muted, tint and panel, or #rrggbb. */
  fill?: string;
  shape?: "disc" | "outline" | "pill";
  corner?: "bottom-end" | "bottom-start" | "top-end" | "top-start" | null;
  /** What is left out first where there is no room; 0 stays. */
  drop?: number;
};

/** The sum of one account: what an account gained is positive, and all of one currency add up to zero. */
export type BalanceOut = {
  account: "disputes" | "fees" | "other" | "payouts" | "refunds" | "sales" | "stripe";
  amount: number;
  currency: string;
};

/** A rectangle in pixels. */
export type BoxIn = {
  /** Pixels from the left or the top. */
  left: number;
  /** Pixels from the left or the top. */
  top: number;
  /** Pixels from the left or the top. */
  right: number;
  /** Pixels from the left or the top. */
  bottom: number;
};

/** A rectangle in pixels. */
export type BoxOut = {
  left: number;
  top: number;
  right: number;
  bottom: number;
};

/** A price up to and including `up_to` grams, or a total; null, in the last one only, for whatever is more. */
export type BracketIn = {
  /** Minor unit of the currency, as Stripe counts it. */
  amount: number;
  up_to?: number | null;
};

/** A price up to and including `up_to`; null is whatever is more. */
export type BracketOut = {
  amount: number;
  up_to: number | null;
};

/** Whether the work behind the scenes asks Stripe at the moment: `closed`, it does; `open`, Stripe has failed to answer so many times in a row that nobody asks before `retry_at`; `half_open`, one who tries decides. Buyers' own requests are always sent. */
export type BreakerOut = {
  state: "closed" | "half_open" | "open";
  failures: number;
  retry_at: string | null;
};

/** For every `buy` pieces, `get` more at `rate` less (10000: for nothing), the cheapest ones, `times` at most. Without `get_product_ids` both are of the same products; with them, the discount's `product_ids` must be bought, or what is in its collections and is not one of these. */
export type BuyXGetY = {
  kind: "buy_x_get_y";
  buy: number;
  get: number;
  /** Hundredths of a percent: 1250 is 12.5 %. */
  rate?: number;
  get_product_ids?: Array<string>;
  times?: number;
};

/** One request to the network's API. */
export type CallOut = {
  method: "GET" | "POST";
  url: string;
  headers: Record<string, string>;
  body: Record<string, unknown> | null;
  purpose: string;
};

/** How many pictures one post may carry. `texts` when each has a title, a description and a link of its own, `alt_texts` when each has an alternative text. */
export type CarouselRuleOut = {
  min: number;
  max: number;
  one_ratio: boolean;
  texts: boolean;
  alt_texts: boolean;
  source: SourceOut;
};

/** A basket to pay. Addresses that the buyer returns to are on the shop's own site. `ship_to` is the country that shipping is priced for, the shop's own unless named: the page to pay at takes an address there, and wherever shipping costs the same. `customer_reference` is how the shop's own server knows who buys, for discounts that are limited per customer: it counts with a secret key only, and only its hash is kept. `expected_total` is what the buyer was shown, in the minor unit, with the way of shipping that stands first: where the order would come to anything else, it is refused and nothing is held. It decides no price. */
export type CheckoutCreate = {
  items: Array<CheckoutItemIn>;
  origin?: OriginIn;
  success_url?: string;
  cancel_url?: string;
  /** ISO 3166-1 alpha-2, such as FR. */
  ship_to?: string;
  /** Capitals and small letters are the same. */
  discount_code?: string;
  customer_reference?: string;
  /** Minor unit of the currency, as Stripe counts it. */
  expected_total?: number;
};

/** So many pieces of one variant. Its price is the catalog's and nobody else's. */
export type CheckoutItemIn = {
  variant_id: string;
  quantity?: number;
};

/** A checkout; `url` is the page to pay at while `status` is open. */
export type CheckoutOut = {
  id: string;
  order_id: string;
  status: "complete" | "creating" | "expired" | "open" | "refused";
  url: string | null;
  expires_at: string;
  created_at: string;
};

/** New values of a collection; what is absent stays. Products and rules are replaced as a whole. */
export type CollectionChange = {
  title?: string;
  slug?: string;
  description?: string;
  /** The products of a manual collection, in their order. */
  product_ids?: Array<string>;
  /** What a product must be; see `matching`. */
  rules?: Array<TagRule | ProductTypeRule | VendorRule | PriceBelowRule | PriceAboveRule | InStockRule>;
  matching?: "all" | "any";
  archived?: boolean;
};

/** A collection to add: `manual` with products in order, or by `rules`. Without a slug its title gives one. */
export type CollectionCreate = {
  title: string;
  slug?: string | null;
  description?: string;
  kind?: "manual" | "rules";
  /** The products of a manual collection, in their order. */
  product_ids?: Array<string>;
  /** What a product must be; see `matching`. */
  rules?: Array<TagRule | ProductTypeRule | VendorRule | PriceBelowRule | PriceAboveRule | InStockRule>;
  matching?: "all" | "any";
};

/** A collection; its products are `GET /v1/products?collection=ID`, in the merchant's order where it is manual. */
export type CollectionOut = {
  id: string;
  slug: string;
  title: string;
  description: string;
  kind: "manual" | "rules";
  rules: Array<TagRule | ProductTypeRule | VendorRule | PriceBelowRule | PriceAboveRule | InStockRule>;
  matching: "all" | "any";
  archived_at: string | null;
  created_at: string;
  updated_at: string;
};

/** New facts; what is absent stays. Orders keep the creator that they have. */
export type CreatorChange = {
  name?: string;
  handle?: string | null;
  code?: string | null;
  network?: string | null;
  archived?: boolean;
};

/** Somebody who brings buyers. `code` is theirs; what it takes off, a discount with the same code says. `network` is where they are at home, and where a buyer with their code came from, as long as no link says otherwise. */
export type CreatorCreate = {
  name: string;
  handle?: string | null;
  code?: string | null;
  network?: string | null;
};

/** A creator; `code` in capitals. */
export type CreatorOut = {
  id: string;
  name: string;
  handle: string | null;
  code: string | null;
  network: string | null;
  created_at: string;
  updated_at: string;
  archived_at: string | null;
};

/** Who bought, as far as Stripe's page asked. */
export type CustomerOut = {
  email: string | null;
  name: string | null;
  phone: string | null;
};

/** How long it takes, in business days. */
export type DeliveryDays = {
  min: number;
  max: number;
};

/** How long it takes, in business days. */
export type DeliveryDaysOut = {
  min: number;
  max: number;
};

/** How and where an order is shipped: `amount` was charged; `recipient` and `address` are null until it is paid. */
export type DeliveryOut = {
  name: string;
  amount: Money;
  delivery_days: DeliveryDaysOut | null;
  country: string;
  recipient: string | null;
  address: AddressOut | null;
};

/** A look: its pages in order. All but sets have one. */
export type Design = {
  pages: Array<Page>;
};

/** Where ours and Stripe's disagree: an order's money (`account` says whether taken, refunded or charged back), or money of no order of ours. */
export type DifferenceOut = {
  order_id: string | null;
  transaction_id: string | null;
  account: "disputes" | "fees" | "other" | "payouts" | "refunds" | "sales" | "stripe";
  ours: Money;
  stripes: Money;
};

/** New settings; what is absent stays. Orders keep what they were given. The code itself never changes. */
export type DiscountChange = {
  title?: string;
  terms?: Percentage | Fixed | FreeShipping | BuyXGetY | Tiers;
  product_ids?: Array<string>;
  collection_ids?: Array<string>;
  /** Minor unit of the currency, as Stripe counts it. */
  minimum_amount?: number;
  combines?: boolean;
  starts_at?: string | null;
  ends_at?: string | null;
  limit_total?: number | null;
  limit_per_day?: number | null;
  limit_per_customer?: number | null;
  archived?: boolean;
};

/** A discount: with a `code`, one that is drawn (`generate_code`), or without any, for everybody. It is for `product_ids` and whatever is in `collection_ids` when it is used, none of both meaning all; those must cost `minimum_amount` together. `combines` says whether it goes together with others. Days are UTC; `starts_at` is included, `ends_at` is not. */
export type DiscountCreate = {
  title: string;
  terms: Percentage | Fixed | FreeShipping | BuyXGetY | Tiers;
  code?: string | null;
  generate_code?: boolean;
  product_ids?: Array<string>;
  collection_ids?: Array<string>;
  /** Minor unit of the currency, as Stripe counts it. */
  minimum_amount?: number;
  combines?: boolean;
  starts_at?: string | null;
  ends_at?: string | null;
  limit_total?: number | null;
  limit_per_day?: number | null;
  limit_per_customer?: number | null;
};

/** A discount. `used` counts the orders that hold it or were paid with it. */
export type DiscountOut = {
  id: string;
  title: string;
  code: string | null;
  terms: Percentage | Fixed | FreeShipping | BuyXGetY | Tiers;
  product_ids: Array<string>;
  collection_ids: Array<string>;
  minimum_amount: number;
  combines: boolean;
  starts_at: string | null;
  ends_at: string | null;
  limit_total: number | null;
  limit_per_day: number | null;
  limit_per_customer: number | null;
  used: number;
  created_at: string;
  updated_at: string;
  archived_at: string | null;
};

/** What the buyer's bank questions, in the minor unit; without an answer by `evidence_due_by` it is lost. */
export type DisputeData = {
  id: string;
  amount: number;
  currency: string;
  reason: string;
  evidence_due_by: string | null;
};

/** A payment that the buyer's bank questions; answer at Stripe before `evidence_due_by`. */
export type DisputeOut = {
  id: string;
  order_id: string;
  status: string;
  reason: string;
  amount: Money;
  evidence_due_by: string | null;
  created_at: string;
};

/** The endpoint, and why it is disabled: `failing` or `gone`. Its deliveries wait. */
export type EndpointDisabledData = {
  webhook_endpoint_id: string;
  url: string;
  reason: string;
};

/** For how many seconds pages were in sight: half of them for less than `median`, a quarter for more than `p75`. Known of so many `pages`; null where those are fewer than five. */
export type EngagedOut = {
  median: number | null;
  p75: number | null;
  pages: number;
};

/** Stripe's signed events by what became of them, each counted once however often it came. They count for ninety days, those that are orphans or unreadable for as long as they are. `applied` changed or confirmed an order; `ignored` are of types that nobody follows; `foreign` of another account or mode than the shop's; `orphan` about an order that is not known, or not yet, and tried again; `given_up` of these, after a week; `unreadable` not of the documented shape. `other_version` of them all were written in another API version than this installation reads. */
export type EventCountsOut = {
  applied: number;
  ignored: number;
  foreign: number;
  orphan: number;
  given_up: number;
  unreadable: number;
  other_version: number;
};

/** A row of a technical sheet. */
export type FactIn = {
  label: string;
  value: string;
};

/** Rows of a label and a value with hairlines between them. */
export type FactsLayer = {
  layer: "facts";
  /** Of the type, in thousandths of the canvas' mean side. */
  size?: number;
  /** Of the type, in thousandths of the canvas' mean side. */
  smallest?: number;
  most?: number;
  first?: number;
};

/** Something that could not be taken in: an event, movement of money or session of Stripe's, or a checkout of ours. `reason` is `unreadable`, or names our error; it has failed so many `times` and is tried again at `retry_at`. */
export type FailureOut = {
  kind: "checkout" | "event" | "movement" | "session";
  object_id: string;
  reason: string;
  times: number;
  failed_at: string;
  retry_at: string;
};

/** From tap to money, each figure as `definitions` says. Money has one amount per currency that was paid in. */
export type FiguresOut = {
  clicks: number;
  landings: number;
  click_loss: number | null;
  engaged: EngagedOut;
  checkouts: number;
  paid: number;
  conversion: ShareOut | null;
  gross: Array<Money>;
  refunded: Array<Money>;
  lost: Array<Money>;
  revenue: Array<Money>;
};

/** A rule that the post breaks; `field` is a JSON Pointer into the post, as `GET /v1/posts/{id}` shows it. An error keeps the post from being published or bought from; a warning does not. `limit` and `actual` are in the unit that the message names. `source` is where the network says so, null where it is the shop's own affair. */
export type FindingOut = {
  rule: string;
  severity: "error" | "warning";
  field: string;
  message: string;
  limit: string | number | null;
  actual: string | number | null;
  source: SourceOut | null;
};

/** An amount off the whole basket, shared out over its lines by what they cost. */
export type Fixed = {
  kind: "fixed";
  /** Minor unit of the shop's currency. */
  amount: number;
};

/** A font that the shop has brought. Its bytes are drawn with and given to nobody. `name` is what it calls itself. Weights are those that it can be drawn in, `scripts` those whose common letters it has; the house's fonts step in for others. `restricted`: its maker forbids embedding without leave. */
export type FontOut = {
  id: string;
  name: string;
  lightest: number;
  boldest: number;
  scripts: Array<string>;
  restricted: boolean;
  bytes: number;
  sha256: string;
  archived_at: string | null;
  created_at: string;
};

export type FontUpload = {
  file: string;
};

/** What may be changed about a shop's own format; what is absent stays. Visuals made before stay as they are. */
export type FormatChange = {
  name?: string;
  /** Pixels. */
  width?: number;
  /** Pixels. */
  height?: number;
  safe?: BoxIn;
  covered?: Array<BoxIn>;
  /** The most that a file may weigh. */
  max_bytes?: number;
};

/** A canvas of the shop's own, at most four times as long as wide. Words stay inside of `safe`, without it 6 % from the edges, and out of `covered`, where something else lies. */
export type FormatCreate = {
  slug: string;
  name: string;
  /** Pixels. */
  width: number;
  /** Pixels. */
  height: number;
  safe?: BoxIn;
  covered?: Array<BoxIn>;
  /** The most that a file may weigh. */
  max_bytes?: number;
};

/** A canvas; text stays inside `safe`, because a network's own interface may cover the rest, and out of `covered`. Files weigh at most `max_bytes` and are of one of the types in `outputs`. `networks` are those that take it, the first most; `source` says where all of that was read, and when. Formats of the shop's own have an `id`. */
export type FormatOut = {
  id: string | null;
  slug: string;
  name: string;
  width: number;
  height: number;
  safe: BoxOut;
  covered: Array<BoxOut>;
  max_bytes: number;
  outputs: Array<"avif" | "jpeg" | "png" | "webp">;
  networks: Array<string>;
  source: string;
};

/** The buyer pays nothing for the cheapest way; dearer ones keep their price. */
export type FreeShipping = {
  kind: "free_shipping";
};

/** The next status of a parcel, and what its carrier told; what is absent stays. */
export type FulfilmentChange = {
  status?: "delivered" | "packed" | "returned" | "shipped";
  carrier?: string;
  tracking_number?: string;
  tracking_url?: string;
};

/** A parcel to pack; without `lines`, all that is not in another one. `tracking_url` shows where it is. */
export type FulfilmentCreate = {
  lines?: Array<FulfilmentLineIn>;
  carrier?: string;
  tracking_number?: string;
  tracking_url?: string;
};

/** Why nothing of an order may be shipped for now, and what the shop wants remembered of it. */
export type FulfilmentHoldCreate = {
  reason: "asked-by-buyer" | "incorrect-address" | "other" | "out-of-stock" | "suspected-fraud";
  note?: string;
};

/** What holds an order back, or has until `released_at`; a `dispute` does so until the bank has decided. */
export type FulfilmentHoldOut = {
  id: string;
  order_id: string;
  reason: "asked-by-buyer" | "incorrect-address" | "other" | "out-of-stock" | "suspected-fraud" | "dispute" | "review";
  note: string | null;
  created_at: string;
  released_at: string | null;
};

/** So many pieces of one line of the order. */
export type FulfilmentLineIn = {
  line_id: string;
  quantity: number;
};

/** So many pieces of one line of the order. */
export type FulfilmentLineOut = {
  line_id: string;
  quantity: number;
};

/** A parcel of an order; empty texts are not known. */
export type FulfilmentOut = {
  id: string;
  order_id: string;
  status: "delivered" | "packed" | "returned" | "shipped";
  lines: Array<FulfilmentLineOut>;
  carrier: string;
  tracking_number: string;
  tracking_url: string;
  created_at: string;
  shipped_at: string | null;
  delivered_at: string | null;
  returned_at: string | null;
};

/** All parcels of an order, the oldest first. `status` is that of the piece that has come least far, or null where nothing is to be sent; `holds` says why nothing may be shipped now. */
export type FulfilmentsOut = {
  status: "delivered" | "on_hold" | "packed" | "returned" | "shipped" | "unfulfilled" | null;
  holds: Array<string>;
  items: Array<FulfilmentOut>;
};

/** One way into the shop. `key` is the network's slug, or the id of the post or link; null where there is none. By `in_app` it is the network whose app's browser it was, null for every other browser. */
export type FunnelItemOut = {
  clicks: number;
  landings: number;
  click_loss: number | null;
  engaged: EngagedOut;
  checkouts: number;
  paid: number;
  conversion: ShareOut | null;
  gross: Array<Money>;
  refunded: Array<Money>;
  lost: Array<Money>;
  revenue: Array<Money>;
  key: string | null;
};

/** The report: all together, and each by itself, the most revenue first, then the most clicks. At most a hundred are told; `left_out` says how many more there are, whose figures are in the total. */
export type FunnelOut = {
  first_day: string | null;
  last_day: string | null;
  by: "in_app" | "link" | "network" | "post";
  total: FiguresOut;
  items: Array<FunnelItemOut>;
  left_out: number;
  definitions: Record<string, string>;
};

/** A group of layers, the innermost. */
export type Group1 = {
  layer: "group";
  flow?: "column" | "row" | "stack";
  /** Thousandths of the canvas' mean side. */
  gap?: number;
  /** Thousandths of the canvas' mean side. */
  padding?: number;
  fill?: string | null;
  rounded?: boolean;
  border?: string | null;
  border_width?: number;
  share?: number | null;
  grow?: boolean;
  align?: "center" | "end" | "start";
  justify?: "between" | "center" | "end" | "start";
  anchor?: "center" | "end" | "start" | "freer";
  across?: "center" | "end" | "start" | "fill";
  wraps?: boolean;
  children: Array<PhotoLayer | TextLayer | PriceLayer | BadgeLayer | LogoLayer | StarsLayer | FactsLayer | LegendLayer | TilesLayer | QrLayer | ShapeLayer | SpaceLayer>;
};

/** A group of layers and groups. */
export type Group2 = {
  layer: "group";
  flow?: "column" | "row" | "stack";
  /** Thousandths of the canvas' mean side. */
  gap?: number;
  /** Thousandths of the canvas' mean side. */
  padding?: number;
  fill?: string | null;
  rounded?: boolean;
  border?: string | null;
  border_width?: number;
  share?: number | null;
  grow?: boolean;
  align?: "center" | "end" | "start";
  justify?: "between" | "center" | "end" | "start";
  anchor?: "center" | "end" | "start" | "freer";
  across?: "center" | "end" | "start" | "fill";
  wraps?: boolean;
  children: Array<PhotoLayer | TextLayer | PriceLayer | BadgeLayer | LogoLayer | StarsLayer | FactsLayer | LegendLayer | TilesLayer | QrLayer | ShapeLayer | SpaceLayer | Group1>;
};

/** A group of layers and groups. */
export type Group3 = {
  layer: "group";
  flow?: "column" | "row" | "stack";
  /** Thousandths of the canvas' mean side. */
  gap?: number;
  /** Thousandths of the canvas' mean side. */
  padding?: number;
  fill?: string | null;
  rounded?: boolean;
  border?: string | null;
  border_width?: number;
  share?: number | null;
  grow?: boolean;
  align?: "center" | "end" | "start";
  justify?: "between" | "center" | "end" | "start";
  anchor?: "center" | "end" | "start" | "freer";
  across?: "center" | "end" | "start" | "fill";
  wraps?: boolean;
  children: Array<PhotoLayer | TextLayer | PriceLayer | BadgeLayer | LogoLayer | StarsLayer | FactsLayer | LegendLayer | TilesLayer | QrLayer | ShapeLayer | SpaceLayer | Group2>;
};

/** The outermost group: the whole canvas. */
export type Group4 = {
  layer: "group";
  flow?: "column" | "row" | "stack";
  /** Thousandths of the canvas' mean side. */
  gap?: number;
  /** Thousandths of the canvas' mean side. */
  padding?: number;
  fill?: string | null;
  rounded?: boolean;
  border?: string | null;
  border_width?: number;
  share?: number | null;
  grow?: boolean;
  align?: "center" | "end" | "start";
  justify?: "between" | "center" | "end" | "start";
  anchor?: "center" | "end" | "start" | "freer";
  across?: "center" | "end" | "start" | "fill";
  wraps?: boolean;
  children: Array<PhotoLayer | TextLayer | PriceLayer | BadgeLayer | LogoLayer | StarsLayer | FactsLayer | LegendLayer | TilesLayer | QrLayer | ShapeLayer | SpaceLayer | Group3>;
};

/** Which pictures the publishing API takes: width / height, pixels, bytes. Null: nothing is said. `baseline` when a JPEG may not be progressive, `srgb` when other colours are converted, `ascii_url` when the picture's address must be ASCII. */
export type ImageRuleOut = {
  types: Array<string>;
  baseline: boolean;
  srgb: boolean;
  ascii_url: boolean;
  ratio_min: number | null;
  ratio_max: number | null;
  width_min: number | null;
  width_max: number | null;
  max_bytes: number;
  source: SourceOut;
};

/** One file that was read, and what became of its rows. */
export type ImportOut = {
  id: string;
  format: string;
  status: "done" | "running";
  rows_read: number;
  rows_refused: number;
  warnings: number;
  products_created: number;
  products_changed: number;
  products_unchanged: number;
  variants_created: number;
  variants_changed: number;
  created_at: string;
  finished_at: string | null;
};

/** What was wrong with one row: `error` left it out, `warning` left one value out. `line` is the line of the file where the row begins, `column` the name in its header (empty for the whole row). */
export type ImportRowOut = {
  id: string;
  line: number;
  column: string;
  level: "error" | "warning";
  rule: string;
  detail: string;
  value: string;
};

export type ImportUpload = {
  file: string;
  format?: string;
};

/** A variant can be had now. */
export type InStockRule = {
  rule: "in_stock";
};

/** One of several things in a picture: a tile of a grid, a row of a legend, a page of a carousel. `asset_id` is its own picture. `compare_at` is struck out: name only what was really asked before. */
export type ItemIn = {
  asset_id?: string | null;
  title?: string | null;
  price?: string | null;
  compare_at?: string | null;
};

/** A new key; unless told otherwise a secret one that may do what the asking key may. */
export type KeyCreate = {
  label?: string;
  publishable?: boolean;
  scopes?: Array<"catalog:read" | "catalog:write" | "checkout:write" | "discounts:read" | "discounts:write" | "insights:read" | "media:read" | "media:write" | "orders:read" | "orders:write" | "shipping:read" | "shipping:write" | "shop:read" | "shop:write" | "social:read" | "social:write" | "webhooks:read" | "webhooks:write">;
};

/** A new key with its token, which is shown this once. */
export type KeyMade = {
  id: string;
  prefix: string;
  publishable: boolean;
  label: string;
  scopes: Array<string>;
  created_at: string;
  revoked_at: string | null;
  token: string;
};

/** A key without its token, which nobody keeps; `prefix` is how the token begins. */
export type KeyOut = {
  id: string;
  prefix: string;
  publishable: boolean;
  label: string;
  scopes: Array<string>;
  created_at: string;
  revoked_at: string | null;
};

/** The link of one product: short for posts and stickers, long with its UTM parameters in the open. */
export type KitLinkOut = {
  product_id: string;
  variant_id: string | null;
  title: string;
  link_id: string;
  url: string;
  long_url: string;
};

/** All that is needed to publish a post, by hand or by the network's API; every text is within its limit. `pictures` are in the order of publishing; `alt_text` is the first one's. */
export type KitOut = {
  post_id: string;
  network: string;
  placement: string;
  title: string;
  caption: string;
  hashtags: Array<string>;
  alt_text: string;
  pictures: Array<KitPictureOut>;
  links: Array<KitLinkOut>;
  link_note: string;
  warnings: Array<Record<string, string | number>>;
  payload: PayloadOut;
};

/** A picture to publish; the network fetches it from `url`. Title, caption and link are its own on networks that show such with each picture of a post, else empty. */
export type KitPictureOut = {
  visual_id: string;
  asset_id: string;
  format: string;
  url: string;
  media_type: string;
  width: number;
  height: number;
  bytes: number;
  alt_text: string;
  title: string;
  caption: string;
  link_url: string;
  tags: Array<KitTagOut>;
  lost_tags: Array<LostTagOut>;
};

/** A product's point on the published picture: 0..1 and in pixels. `item` is its id in the shop's catalog feed. */
export type KitTagOut = {
  product_id: string;
  variant_id: string | null;
  item: string;
  title: string;
  x: number;
  y: number;
  pixel_x: number;
  pixel_y: number;
};

/** One side of a movement of money; the sides of one `transaction_id` add up to zero. */
export type LedgerEntryOut = {
  transaction_id: string;
  account: "disputes" | "fees" | "other" | "payouts" | "refunds" | "sales" | "stripe";
  amount: number;
  currency: string;
  occurred_at: string;
};

/** Who sells and on which terms, as far as the shop has said it. */
export type Legal = {
  name: string | null;
  address: PostalAddressOut | null;
  email: string | null;
  phone: string | null;
  registration: string | null;
  vat_number: string | null;
  publisher: string | null;
  host: string | null;
  mediator: string | null;
  terms_url: string | null;
  privacy_url: string | null;
  returns_url: string | null;
  withdrawal_url: string | null;
  return_days: number | null;
  return_cost: "buyer" | "shop" | null;
};

/** Who sells and on which terms; what is absent stays, null takes it away. `name` is the legal name, `registration` the register and number (SIREN, RCS, capital), `publisher` who answers for what is published, `host` who runs the servers, `mediator` the consumer mediator. `return_days` are counted from delivery; `withdrawal_url` is the page on which a buyer withdraws from the contract. */
export type LegalChange = {
  name?: string | null;
  address?: PostalAddress | null;
  email?: string | null;
  phone?: string | null;
  registration?: string | null;
  vat_number?: string | null;
  publisher?: string | null;
  host?: string | null;
  mediator?: string | null;
  terms_url?: string | null;
  privacy_url?: string | null;
  returns_url?: string | null;
  withdrawal_url?: string | null;
  return_days?: number | null;
  return_cost?: "buyer" | "shop" | null;
};

/** The items, numbered as on the picture: title and price. */
export type LegendLayer = {
  layer: "legend";
  /** Of the type, in thousandths of the canvas' mean side. */
  size?: number;
  /** Of the type, in thousandths of the canvas' mean side. */
  smallest?: number;
  columns?: number;
};

/** How long a text may be, in the unit that the network counts. */
export type LimitOut = {
  max: number;
  unit: "bytes" | "characters" | "utf16" | "weighted";
};

/** New terms; what is absent stays. A link that is switched off answers like one that never was. Arms of an experiment keep their places: change their weights, or add arms at the end. */
export type LinkChange = {
  active?: boolean;
  target?: "external" | "landing" | "pay" | "product";
  target_url?: string | null;
  starts_at?: string | null;
  ends_at?: string | null;
  ended?: "link" | "page" | "similar";
  fallback_link_id?: string | null;
  /** A basket that the link leads to, where there are any, instead of a page. */
  items?: Array<LinkItem>;
  /** The first that fits decides. */
  rules?: Array<LinkRule>;
  /** Clicks and orders name the arm by its place in this list, from 1. */
  variants?: Array<LinkVariant>;
  discount_code?: string | null;
};

/** A link to a product, or to one variant of it. What it says about its origin never changes afterwards. Taps lead to `target`, unless a rule or an arm of the experiment leads elsewhere, from `starts_at` on and until `ends_at`, which is not included. Then they lead where `ended` says: to a page that explains it (`page`), with other products beside (`similar`), or where another link leads (`link`, `fallback_link_id`). `target_url` belongs to the target `external`. The page of `items` is a basket; previews show the product. With a `discount_code` buyers get that discount as long as it is good, and the usual price afterwards. */
export type LinkCreate = {
  product_id: string;
  variant_id?: string | null;
  post_id?: string | null;
  network?: string | null;
  placement?: string | null;
  campaign?: string | null;
  creator_id?: string | null;
  target?: "external" | "landing" | "pay" | "product";
  target_url?: string | null;
  discount_code?: string | null;
  starts_at?: string | null;
  ends_at?: string | null;
  ended?: "link" | "page" | "similar";
  fallback_link_id?: string | null;
  /** A basket that the link leads to, where there are any, instead of a page. */
  items?: Array<LinkItem>;
  /** The first that fits decides. */
  rules?: Array<LinkRule>;
  /** Clicks and orders name the arm by its place in this list, from 1. */
  variants?: Array<LinkVariant>;
};

/** What happened to this link. */
export type LinkData = {
  link: LinkFactsData;
};

/** Where a tap leads: to the link's landing page, to the product's own page (`product`), to the landing page reduced to the button that pays (`pay`), or to `url` on a verified host of the shop (`external`). `product_id` and `variant_id` are shown instead of the link's own. What is paid by one tap is one variant. */
export type LinkDestination = {
  target?: "external" | "landing" | "pay" | "product";
  product_id?: string | null;
  variant_id?: string | null;
  url?: string | null;
};

/** A link as it was then; its address ends in `/l/` and the `slug`. Rules, arms and items stand in the API. */
export type LinkFactsData = {
  id: string;
  slug: string;
  post_id: string | null;
  product_id: string;
  variant_id: string | null;
  network: string | null;
  placement: string | null;
  campaign: string | null;
  creator_id: string | null;
  target: string;
  target_url: string | null;
  discount_code: string | null;
  starts_at: string | null;
  ends_at: string | null;
  ended: string;
  fallback_link_id: string | null;
  active: boolean;
  version: number;
  created_at: string;
};

/** A host that links should lead to. It counts once it shows the proof. */
export type LinkHostCreate = {
  /** A host in lower case, with its port where it is not the usual one of https. */
  host: string;
};

/** A host: links may lead there since `verified_at`. It has to show `proof` as a line of its own at `proof_url`, and not by a redirect; `failure` says what the last look found instead. */
export type LinkHostOut = {
  id: string;
  host: string;
  proof: string;
  proof_url: string;
  failure: string | null;
  created_at: string;
  verified_at: string | null;
};

/** So many pieces of one variant, of whichever of the shop's products. */
export type LinkItem = {
  variant_id: string;
  quantity?: number;
};

/** A link; `url` is what goes into the post, `utm` what the landing page's address will carry. `landing_url` is the landing page's own address, for networks that take no link that redirects: its taps are no clicks, and its orders know the link all the same. `target_url` is where the target `external` leads. */
export type LinkOut = {
  id: string;
  slug: string;
  url: string;
  landing_url: string;
  post_id: string | null;
  product_id: string;
  variant_id: string | null;
  network: string | null;
  placement: string | null;
  campaign: string | null;
  creator_id: string | null;
  target: "external" | "landing" | "pay" | "product";
  target_url: string | null;
  discount_code: string | null;
  starts_at: string | null;
  ends_at: string | null;
  ended: "link" | "page" | "similar";
  fallback_link_id: string | null;
  items: Array<LinkItem>;
  rules: Array<LinkRule>;
  variants: Array<LinkVariant>;
  utm: Record<string, string>;
  active: boolean;
  created_at: string;
};

/** Where taps from one of these countries and on one of these devices lead; an empty list is any. One is not empty. Countries are known where `VITRINE_COUNTRY_HEADER` names the header by which a proxy tells them, else nowhere. */
export type LinkRule = {
  countries?: Array<string>;
  devices?: Array<"computer" | "other" | "phone" | "tablet">;
  to: LinkDestination;
};

/** Where people can tap the link; `by_hand` when the API cannot place it there, `https` when it takes no other. `long_form` where short links are mistrusted: the published one says in the open what it is for. */
export type LinkRuleOut = {
  where: "bio" | "caption" | "pin" | "sticker";
  caption_clickable: boolean;
  by_hand: boolean;
  https: boolean;
  long_form: boolean;
  max_length: number;
  note: string;
  source: SourceOut;
};

/** The link as it is now, and the names of what has changed. */
export type LinkUpdatedData = {
  link: LinkFactsData;
  changed: Array<string>;
};

/** An arm of an experiment: of the taps that no rule takes, `weight` out of the sum of all weights lead there. */
export type LinkVariant = {
  weight: number;
  to: LinkDestination;
};

/** The shop's sign, or its name in spaced capitals. */
export type LogoLayer = {
  layer: "logo";
  /** Thousandths of the canvas' mean side. */
  height?: number;
  /** Of the type, in thousandths of the canvas' mean side. */
  size?: number;
  /** One of ground, ink, accent, muted, tint and panel, or #rrggbb. */
  colour?: string;
  /** What is left out first where there is no room; 0 stays. */
  drop?: number;
};

/** A product whose point on the master picture is not to be seen on the published one, and why. */
export type LostTagOut = {
  product_id: string;
  variant_id: string | null;
  title: string;
  master_x: number;
  master_y: number;
  reason: "cropped";
};

/** An amount in the minor unit of its currency. */
export type Money = {
  /** Minor unit of the currency, as Stripe counts it. */
  amount: number;
  /** ISO 4217. */
  currency: string;
};

/** One network's line. */
export type NetworkInsightOut = {
  clicks: number;
  landings: number;
  click_loss: number | null;
  engaged: EngagedOut;
  checkouts: number;
  paid: number;
  conversion: ShareOut | null;
  gross: Array<Money>;
  refunded: Array<Money>;
  lost: Array<Money>;
  revenue: Array<Money>;
  network: string;
};

/** The report, most revenue first, then most clicks; `definitions` says how each figure is counted. */
export type NetworkInsightsOut = {
  first_day: string | null;
  last_day: string | null;
  items: Array<NetworkInsightOut>;
  definitions: Record<string, string>;
};

/** A social network. The first placement is the usual one. */
export type NetworkOut = {
  slug: string;
  name: string;
  placements: Array<NetworkPlacementOut>;
};

/** A place in a network where pictures can appear. The first format is the usual one; no carousel: one picture. */
export type NetworkPlacementOut = {
  slug: string;
  name: string;
  formats: Array<FormatOut>;
  image: ImageRuleOut;
  text: TextRuleOut;
  tags: TagRuleOut;
  link: LinkRuleOut;
  carousel: CarouselRuleOut | null;
};

/** Where the order came from, with every tap that is known of, oldest first, and the `rule` that decided. Signs are asked in one order: the token of the tap, the link of the page, tokens kept from earlier taps, a discount code of one network's links or of a creator who is at home there, `cart_origin`, click identifiers, `utm_source`, the referrer, an in-app browser, `fbclid` alone, nothing. */
export type OrderAttributionOut = {
  network: string;
  placement: string | null;
  post_id: string | null;
  link_id: string | null;
  creator_id: string | null;
  variant: number;
  click_id: string | null;
  method: "cart_origin" | "click_id" | "code" | "cookie" | "in_app" | "link" | "none" | "referrer" | "token" | "utm";
  confidence: "explicit" | "high" | "low" | "medium" | "none";
  campaign: string | null;
  utm: Record<string, string>;
  evidence: Array<Sign>;
  view_through: null;
  rule: Words;
  touches: Array<TouchOut>;
};

/** What happened to this order. */
export type OrderData = {
  order: OrderFactsData;
};

/** A discount that the order was given; `code` is null where the shop gave it by itself. */
export type OrderDiscountData = {
  discount_id: string;
  title: string;
  code: string | null;
  amount: number;
  free_shipping: boolean;
};

/** A discount that an order was given, as it was then; `code` is null where the shop gave it by itself. */
export type OrderDiscountOut = {
  discount_id: string;
  title: string;
  code: string | null;
  amount: Money;
  free_shipping: boolean;
};

/** A dispute, and its order. */
export type OrderDisputeData = {
  order: OrderFactsData;
  dispute: DisputeData;
};

/** An order as it was then; amounts in the minor unit. What is not known of its origin is null. `number` is given when it is paid; `reviews` says why a person should look at it. `discounts` stand in the order in which they were taken off; their amounts add up to `amount_discount`, and so do those of the lines. `recovers` is the order whose checkout was taken up again with this one, or null. */
export type OrderFactsData = {
  id: string;
  number: number | null;
  status: string;
  currency: string;
  amount_subtotal: number;
  amount_discount: number;
  amount_shipping: number;
  amount_tax: number;
  amount_total: number;
  amount_paid: number;
  amount_refunded: number;
  lines: Array<OrderLineData>;
  discounts: Array<OrderDiscountData>;
  oversold: boolean;
  reviews: Array<string>;
  recovers: string | null;
  network: string;
  placement: string | null;
  post_id: string | null;
  link_id: string | null;
  campaign: string | null;
  creator_id: string | null;
  variant: number;
  method: string;
  confidence: string;
  created_at: string;
  paid_at: string | null;
};

/** What was ordered; `amount_total` is what the line was to cost, `amount_discount` taken off. `amount_charged` is what Stripe took for it, with the `amount_tax` in it: more than `amount_total` where tax came on top. Both are null until the order is paid, and for the moment in which they are read at Stripe. */
export type OrderLineData = {
  id: string;
  product_id: string;
  variant_id: string;
  sku: string;
  title: string;
  variant_title: string;
  quantity: number;
  unit_amount: number;
  amount_discount: number;
  amount_total: number;
  amount_charged: number | null;
  amount_tax: number | null;
};

/** What was ordered, at the price of that moment: `unit_price` times `quantity` less `discount` is the `total`. `charged` is what Stripe took for it, with the `tax` in it: more than `total` where tax came on top. Both are null until the order is paid, and for the moment in which they are read at Stripe. */
export type OrderLineOut = {
  id: string;
  product_id: string;
  variant_id: string;
  title: string;
  variant_title: string;
  sku: string;
  quantity: number;
  unit_price: Money;
  discount: Money;
  total: Money;
  charged: Money | null;
  tax: Money | null;
};

/** An order; `number` counts paid orders without gaps. `subtotal` less `discount` plus `shipping` is the `total`, and `tax` is added where prices do not include it. `refunded` is what went back or is going back. `reviews` says why a person should look, until one has; `oversold` that stock ran out before the money came, or was sold on before a refund failed. `customer` and `delivery` name a person: null where nothing is known, not asked, or erased. `fulfilment` is how far the least of its pieces has come, null where nothing is to be sent. */
export type OrderOut = {
  id: string;
  number: number | null;
  status: "awaiting_payment" | "cancelled" | "charged_back" | "disputed" | "draft" | "expired" | "paid" | "partially_refunded" | "payment_failed" | "processing" | "refunded";
  subtotal: Money;
  discount: Money;
  shipping: Money;
  tax: Money;
  total: Money;
  paid: Money;
  refunded: Money;
  lines: Array<OrderLineOut>;
  discounts: Array<OrderDiscountOut>;
  customer: CustomerOut | null;
  delivery: DeliveryOut | null;
  fulfilment: "delivered" | "on_hold" | "packed" | "returned" | "shipped" | "unfulfilled" | null;
  attribution: AttributionOut;
  oversold: boolean;
  reviews: Array<"amount-mismatch" | "currency-mismatch" | "discount-limit" | "duplicate-payment" | "fraud-warning" | "late-payment" | "radar-review" | "refund-failed" | "unknown-session">;
  recovers: string | null;
  status_url: string;
  created_at: string;
  paid_at: string | null;
};

/** A parcel, and its order. */
export type OrderParcelData = {
  order: OrderFactsData;
  fulfilment: ParcelData;
};

/** A refund, and its order. */
export type OrderRefundData = {
  order: OrderFactsData;
  refund: RefundData;
};

/** A reason why a person should look at an order, open until `resolved_at`. `about` is what it is about: a session at Stripe, a discount, or a refund. Another matter opens a review of its own. */
export type OrderReviewOut = {
  id: string;
  order_id: string;
  reason: "amount-mismatch" | "currency-mismatch" | "discount-limit" | "duplicate-payment" | "fraud-warning" | "late-payment" | "radar-review" | "refund-failed" | "unknown-session";
  about: string;
  note: string | null;
  opened_at: string;
  resolved_at: string | null;
};

/** What the person who has looked wants remembered; nobody but the shop reads it. */
export type OrderReviewResolve = {
  note?: string;
};

/** The end of a dispute, and its order. */
export type OrderVerdictData = {
  order: OrderFactsData;
  dispute: VerdictData;
};

/** Where the buyer comes from, as far as the front end knows: the `sl` of the link, or UTM parameters. `touches` are the tokens of earlier taps that the front end has kept, with its visitor's consent, the newest first. `landing_url` is the whole address that the buyer landed on, whose `sl`, UTM parameters and click identifiers count where they are not named here; only their names are kept, but for UTM. `referrer` is what that page was told. */
export type OriginIn = {
  click_token?: string;
  touches?: Array<string>;
  landing_url?: string;
  referrer?: string;
  utm_source?: string;
  utm_medium?: string;
  utm_campaign?: string;
  utm_content?: string;
  utm_term?: string;
};

/** A signed event whose order is not known: tried again at `retry_at`, or given up for a reason. It names an order that is none of ours (`unknown-order`), a payment that is none of ours (`unknown-payment`) or nothing at all (`names-no-order`), or what was kept of it can be read no more (`unreadable`). `object_id` is Stripe's name of the session, refund or dispute. */
export type OrphanOut = {
  event_id: string;
  type: string;
  object_id: string;
  received_at: string;
  retry_at: string | null;
  given_up_for: "names-no-order" | "unknown-order" | "unknown-payment" | "unreadable" | null;
};

/** One picture of a set: of every scene, of those with items or facts, or once for each of the items. */
export type Page = {
  per?: "facts" | "item" | "once";
  variants: Array<Variant>;
};

/** One page of a list, newest first; `next_cursor` is null on the last one. */
export type AssetPage = {
  items: Array<AssetOut>;
  next_cursor: string | null;
};

/** One page of a list, newest first; `next_cursor` is null on the last one. */
export type CollectionPage = {
  items: Array<CollectionOut>;
  next_cursor: string | null;
};

/** One page of a list, newest first; `next_cursor` is null on the last one. */
export type CreatorPage = {
  items: Array<CreatorOut>;
  next_cursor: string | null;
};

/** One page of a list, newest first; `next_cursor` is null on the last one. */
export type DiscountPage = {
  items: Array<DiscountOut>;
  next_cursor: string | null;
};

/** One page of a list, newest first; `next_cursor` is null on the last one. */
export type DisputePage = {
  items: Array<DisputeOut>;
  next_cursor: string | null;
};

/** One page of a list, newest first; `next_cursor` is null on the last one. */
export type FontPage = {
  items: Array<FontOut>;
  next_cursor: string | null;
};

/** One page of a list, newest first; `next_cursor` is null on the last one. */
export type FormatPage = {
  items: Array<FormatOut>;
  next_cursor: string | null;
};

/** One page of a list, newest first; `next_cursor` is null on the last one. */
export type FulfilmentHoldPage = {
  items: Array<FulfilmentHoldOut>;
  next_cursor: string | null;
};

/** One page of a list, newest first; `next_cursor` is null on the last one. */
export type ImportRowPage = {
  items: Array<ImportRowOut>;
  next_cursor: string | null;
};

/** One page of a list, newest first; `next_cursor` is null on the last one. */
export type KeyPage = {
  items: Array<KeyOut>;
  next_cursor: string | null;
};

/** One page of a list, newest first; `next_cursor` is null on the last one. */
export type LedgerEntryPage = {
  items: Array<LedgerEntryOut>;
  next_cursor: string | null;
};

/** One page of a list, newest first; `next_cursor` is null on the last one. */
export type LinkHostPage = {
  items: Array<LinkHostOut>;
  next_cursor: string | null;
};

/** One page of a list, newest first; `next_cursor` is null on the last one. */
export type LinkPage = {
  items: Array<LinkOut>;
  next_cursor: string | null;
};

/** One page of a list, newest first; `next_cursor` is null on the last one. */
export type NetworkPage = {
  items: Array<NetworkOut>;
  next_cursor: string | null;
};

/** One page of a list, newest first; `next_cursor` is null on the last one. */
export type OrderPage = {
  items: Array<OrderOut>;
  next_cursor: string | null;
};

/** One page of a list, newest first; `next_cursor` is null on the last one. */
export type OrderReviewPage = {
  items: Array<OrderReviewOut>;
  next_cursor: string | null;
};

/** One page of a list, newest first; `next_cursor` is null on the last one. */
export type PostPage = {
  items: Array<PostOut>;
  next_cursor: string | null;
};

/** One page of a list, newest first; `next_cursor` is null on the last one. */
export type ProductPage = {
  items: Array<ProductOut>;
  next_cursor: string | null;
};

/** One page of a list, newest first; `next_cursor` is null on the last one. */
export type RefundPage = {
  items: Array<RefundOut>;
  next_cursor: string | null;
};

/** One page of a list, newest first; `next_cursor` is null on the last one. */
export type ShippingRatePage = {
  items: Array<ShippingRateOut>;
  next_cursor: string | null;
};

/** One page of a list, newest first; `next_cursor` is null on the last one. */
export type StockMovementPage = {
  items: Array<StockMovementOut>;
  next_cursor: string | null;
};

/** One page of a list, newest first; `next_cursor` is null on the last one. */
export type TemplatePage = {
  items: Array<TemplateOut>;
  next_cursor: string | null;
};

/** One page of a list, newest first; `next_cursor` is null on the last one. */
export type VariantPage = {
  items: Array<VariantOut>;
  next_cursor: string | null;
};

/** One page of a list, newest first; `next_cursor` is null on the last one. */
export type VisualBatchItemPage = {
  items: Array<VisualBatchItemOut>;
  next_cursor: string | null;
};

/** One page of a list, newest first; `next_cursor` is null on the last one. */
export type VisualBatchPage = {
  items: Array<VisualBatchOut>;
  next_cursor: string | null;
};

/** One page of a list, newest first; `next_cursor` is null on the last one. */
export type VisualPage = {
  items: Array<VisualOut>;
  next_cursor: string | null;
};

/** One page of a list, newest first; `next_cursor` is null on the last one. */
export type WebhookDeliveryPage = {
  items: Array<WebhookDeliveryOut>;
  next_cursor: string | null;
};

/** One page of a list, newest first; `next_cursor` is null on the last one. */
export type WebhookEndpointPage = {
  items: Array<WebhookEndpointOut>;
  next_cursor: string | null;
};

/** A parcel on its way; who carries it, empty where that is not known. Where it goes stands in the API. */
export type ParcelData = {
  id: string;
  carrier: string;
};

/** The requests that publish the post, in their order, complete but for the placeholders. */
export type PayloadOut = {
  calls: Array<CallOut>;
  placeholders: Array<PlaceholderOut>;
};

/** A share of the price; a product in `product_rates` has its own, and takes part whatever `product_ids` says. */
export type Percentage = {
  kind: "percentage";
  /** Hundredths of a percent: 1250 is 12.5 %. */
  rate: number;
  product_rates?: Array<ProductRate>;
};

/** The picture. It takes the room that the others leave, at least `least` of the canvas' area in its direction. `behind`: what the stack lays over it hides nothing of it; the picture continues there out of focus. `spots`: the items are numbered on it. `matted`: shown whole on the ground, without a continuation. */
export type PhotoLayer = {
  layer: "photo";
  /** Share of the group's room. */
  least?: number;
  behind?: boolean;
  rounded?: boolean;
  spots?: boolean;
};

/** A picture of the product and what it shows, for those who do not see it. */
export type PictureIn = {
  asset_id: string;
  alt_text?: string;
};

/** A picture of a product, by its asset. */
export type PictureOut = {
  asset_id: string;
  alt_text: string;
};

/** A name in braces in the calls, and what to put there. */
export type PlaceholderOut = {
  name: string;
  meaning: string;
};

/** Where the whole asset lies in the visual: a point x,y of the asset is at left + x * width, top + y * height. All in 0..1 of the visual; what lies outside of `seen_left`, `seen_top`, `seen_right`, `seen_bottom` was cropped. */
export type PlacementOut = {
  left: number;
  top: number;
  width: number;
  height: number;
  seen_left: number;
  seen_top: number;
  seen_right: number;
  seen_bottom: number;
};

/** A place on a picture. */
export type PointIn = {
  /** Share of the picture's width or height, from the left or top. */
  x: number;
  /** Share of the picture's width or height, from the left or top. */
  y: number;
};

/** A place on a picture, 0..1 from the left and the top. */
export type PointOut = {
  x: number;
  y: number;
};

/** New words for a post; what is absent stays, null composes it anew. The picture keeps what is written on it. `alt_text` is the first picture's; `slides` are as many as the post has, in its order. */
export type PostChange = {
  title?: string | null;
  caption?: string | null;
  hashtags?: Array<string> | null;
  alt_text?: string | null;
  slides?: Array<SlideChange>;
};

/** A post to make: one picture (`asset_id`), or several (`slides`). What is absent is composed from the products. `tags` replaces the picture's product points; without it, the points that the picture has are used. `products` adds products without a point, and says which come first. The title is the picture's headline, and the title field on networks that have one. With `slides`, `tags` and `alt_text` belong to each of them. */
export type PostCreate = {
  network: string;
  placement?: string | null;
  asset_id?: string;
  slides?: Array<SlideIn>;
  template?: string;
  format?: string | null;
  frame?: "auto" | "crop" | "pad";
  background?: "blur" | "colour" | "cut-out" | "extended";
  tags?: Array<TagIn>;
  products?: Array<PostProductIn>;
  title?: string | null;
  caption?: string | null;
  hashtags?: Array<string> | null;
  alt_text?: string | null;
  campaign?: string | null;
};

/** A post. `caption` is without the hashtags; `/kit` has it as it is published. `asset_id`, `visual_id` and `alt_text` are the first picture's. */
export type PostOut = {
  id: string;
  network: string;
  placement: string;
  status: "archived" | "draft";
  asset_id: string;
  visual_id: string;
  template: string;
  format: string;
  title: string;
  caption: string;
  hashtags: Array<string>;
  alt_text: string;
  slides: Array<PostSlideOut>;
  products: Array<PostProductOut>;
  warnings: Array<Record<string, string | number>>;
  created_at: string;
  updated_at: string;
  archived_at: string | null;
};

/** A product that the post is about. */
export type PostProductIn = {
  product_id: string;
  variant_id?: string | null;
};

/** A product that a post shows, its link, and where it is tagged on the master of the first picture that has it. */
export type PostProductOut = {
  product_id: string;
  variant_id: string | null;
  point: PointOut | null;
  link_id: string;
  url: string;
};

/** One picture of a post; `tags` are on its master picture. Title and caption are empty where it is the only one. */
export type PostSlideOut = {
  asset_id: string;
  visual_id: string;
  alt_text: string;
  title: string;
  caption: string;
  tags: Array<TagOut>;
};

/** Where the seller is established: street and number in one to three lines. */
export type PostalAddress = {
  lines: Array<string>;
  postcode?: string;
  city: string;
  /** ISO 3166-1 alpha-2. */
  country: string;
};

/** Where the seller is established. */
export type PostalAddressOut = {
  lines: Array<string>;
  postcode: string;
  city: string;
  country: string;
};

/** Everything that is the matter with a post, errors first; `ok` when there is no error. */
export type PreflightOut = {
  post_id: string;
  ok: boolean;
  findings: Array<FindingOut>;
};

/** A picture that is kept nowhere: `data_url` is all of it, ready for an `<img>`. Sizes in pixels. */
export type PreviewOut = {
  format: string;
  page: number;
  width: number;
  height: number;
  data_url: string;
  warnings: Array<Record<string, string | number>>;
};

/** The pages of a preview; all but sets have one. */
export type PreviewsOut = {
  items: Array<PreviewOut>;
};

/** A variant costs more than this in the shop's currency. */
export type PriceAboveRule = {
  rule: "price_above";
  /** Minor unit of the currency, as Stripe counts it. */
  amount: number;
};

/** A variant costs less than this in the shop's currency. */
export type PriceBelowRule = {
  rule: "price_below";
  /** Minor unit of the currency, as Stripe counts it. */
  amount: number;
};

/** A price in one currency; `compare_at` is the higher price before a reduction. */
export type PriceIn = {
  /** Minor unit of the currency, as Stripe counts it. */
  amount: number;
  /** ISO 4217. */
  currency: string;
  compare_at?: number | null;
};

/** The price, and the former one struck out, beside it or above it. */
export type PriceLayer = {
  layer: "price";
  /** Of the type, in thousandths of the canvas' mean side. */
  size?: number;
  /** Of the type, in thousandths of the canvas' mean side. */
  smallest?: number;
  beside?: boolean;
  /** One of ground, ink, accent, muted, tint and panel, or #rrggbb. */
  colour?: string;
  /** One of ground, ink, accent, muted, tint and panel, or #rrggbb. */
  reduced?: string;
  weight?: number;
};

/** A price in one currency, in its minor unit. */
export type PriceOut = {
  amount: number;
  currency: string;
  compare_at: number | null;
};

/** All prices of a variant; a currency that is absent is not sold in any more. */
export type PricesChange = {
  prices: Array<PriceIn>;
};

/** All prices of a variant. */
export type PricesOut = {
  prices: Array<PriceOut>;
};

/** A problem document (RFC 9457). More members may stand beside these: the facts of this refusal. */
export type Problem = {
  type: string;
  title: string;
  status: number;
  detail: string;
  instance: string;
  request_id: string;
};

/** New values of a product; what is absent stays. Tags, options and pictures are replaced as a whole. */
export type ProductChange = {
  title?: string;
  slug?: string;
  description?: string;
  vendor?: string;
  product_type?: string;
  status?: "active" | "archived" | "draft";
  /** Words to find the product by; case-folded. */
  tags?: Array<string>;
  /** What the variants differ in, such as Size and Colour. */
  options?: Array<string>;
  /** In the order in which they show. */
  pictures?: Array<PictureIn>;
};

/** A product to add; without a slug it gets one from its title. */
export type ProductCreate = {
  title: string;
  slug?: string | null;
  description?: string;
  vendor?: string;
  product_type?: string;
  status?: "active" | "draft";
  /** Words to find the product by; case-folded. */
  tags?: Array<string>;
  /** What the variants differ in, such as Size and Colour. */
  options?: Array<string>;
  /** In the order in which they show. */
  pictures?: Array<PictureIn>;
  variants?: Array<VariantCreate>;
};

/** A product with its options, pictures and living variants, in their order. */
export type ProductOut = {
  id: string;
  slug: string;
  title: string;
  description: string;
  vendor: string;
  product_type: string;
  status: "active" | "archived" | "draft";
  tags: Array<string>;
  options: Array<string>;
  pictures: Array<PictureOut>;
  variants: Array<VariantOut>;
  created_at: string;
  updated_at: string;
};

/** A rate of one product's own. */
export type ProductRate = {
  product_id: string;
  /** Hundredths of a percent: 1250 is 12.5 %. */
  rate: number;
};

/** The product is of this type, spelt exactly so. */
export type ProductTypeRule = {
  rule: "product_type";
  value: string;
};

/** The code of the scene's address, dark on light, with its quiet zone. */
export type QrLayer = {
  layer: "qr";
  /** Thousandths of the canvas' mean side. */
  size?: number;
  /** What is left out first where there is no room; 0 stays. */
  drop?: number;
};

/** How the parts are. `away` does not answer, `full` has less than `VITRINE_DISK_MIN_BYTES` left. `jobs` are late when one has waited for five minutes: does a worker run? `books` are catching up for some seconds after the start, when Stripe is asked what it could not tell meanwhile: 503 until then. `clicks` are dropping when one could not be written within the last minute: taps are led on and not counted. `dropped_clicks` are those of this process, ever. */
export type Readiness = {
  status: "degraded" | "ok";
  database: "away" | "ok";
  disk: "full" | "ok";
  storage: "away" | "ok";
  stripe: "away" | "ok";
  jobs: "late" | "ok" | "unknown";
  books: "catching_up" | "ok";
  clicks: "dropping" | "ok";
  dropped_clicks: number;
};

/** Reads that Stripe was sent in thirty days, and how many it grants by what the ledger has: 500 for each payment, 10,000 at least. `slowed` where so much is spent that news are looked for less often; what protects money is always read. */
export type ReadsOut = {
  spent: number;
  entitled: number;
  slowed: boolean;
};

/** A UTC day of paid orders: `amount` is ours, `amount_stripe` what the ledger has for the same orders. `repaired` sessions were at Stripe further than here, and are not any more. Not `complete` where Stripe's ration of reads did not allow to look at everything. */
export type ReconciledDayOut = {
  day: string;
  orders: number;
  amount: number;
  amount_stripe: number;
  repaired: number;
  complete: boolean;
  differences: Array<DifferenceOut>;
  checked_at: string;
};

/** How far the shop's books are read, and whether they agree with Stripe's. `heard_at` is when the last event came. `recovered` of the `events` were fetched because no webhook brought them. `balances` is the ledger's. */
export type ReconciliationOut = {
  swept_at: string | null;
  heard_at: string | null;
  recovered: number;
  rounds: Array<RoundOut>;
  set_apart: SetApartOut;
  reads: ReadsOut;
  breaker: BreakerOut;
  events: EventCountsOut;
  /** Newest first, twenty at most. */
  orphans: Array<OrphanOut>;
  balances: Array<BalanceOut>;
  /** Newest first, thirty at most. */
  days: Array<ReconciledDayOut>;
};

/** Money to give back: of these `lines`, or this `amount`, or all that is left where neither is named. `restock` puts the pieces back on the shelf, which is another matter than the money. An `amount` of 0 beside `lines` or `restock` takes pieces back without money, as those that cost nothing always come. The reason `fraudulent` blocks the card and the buyer's e-mail at Stripe. */
export type RefundCreate = {
  amount?: number;
  lines?: Array<RefundLineIn>;
  reason?: "duplicate" | "fraudulent" | "requested_by_customer";
  restock?: boolean;
};

/** Money on its way back, in the minor unit. */
export type RefundData = {
  id: string;
  amount: number;
  currency: string;
};

/** So many pieces of one line of the order. */
export type RefundLineIn = {
  line_id: string;
  quantity: number;
};

/** Money on its way back; `tax` is the part of `amount` that was tax. `made_by` is `shop` where it was asked for here, `stripe` where it was made in Stripe's dashboard. `lines` is pieces by line; an `amount` of 0 is for them alone, and Stripe knows nothing of it. A refund that succeeded may fail later: then `failure` says why, the order's status moves back, and the pieces are taken off the shelf again (`restocked` is false) unless somebody else has bought them. */
export type RefundOut = {
  id: string;
  order_id: string;
  status: "canceled" | "failed" | "pending" | "requested" | "requires_action" | "succeeded";
  amount: Money;
  tax: Money;
  reason: string | null;
  failure: string | null;
  lines: Record<string, number>;
  restocked: boolean;
  made_by: "shop" | "stripe";
  created_at: string;
};

/** How the last turn of a round went: `sweep`, the search for what no webhook brought; `comparison`, of a day with Stripe's books; `reading-on`, of what either left unread. `failures` in a row. `problem` is `payments-not-connected` (Stripe does not accept the key), a refusal of Stripe's, `out-of-time` (the next turn goes on from there) or `unexpected` (the log says what); null where all went well. Every round comes back by itself. One that has begun and not ended runs, or its process died. */
export type RoundOut = {
  name: string;
  begun_at: string;
  ended_at: string | null;
  failures: number;
  problem: string | null;
};

/** For how many hours each message is signed with the old secret too, so that receivers can change over. */
export type SecretRotation = {
  overlap_hours?: number;
};

/** What could not be taken in, and was left out so that everything else could be. */
export type SetApartOut = {
  count: number;
  /** Newest first, twenty at most. */
  newest: Array<FailureOut>;
};

/** A rule; as wide as its group where `width` is 0. */
export type ShapeLayer = {
  layer: "shape";
  /** Thousandths of the canvas' mean side. */
  width?: number;
  height?: number;
  /** One of ground, ink, accent, muted, tint and panel, or #rrggbb. */
  colour?: string;
  kind?: "arrow" | "down" | "rule";
  /** What is left out first where there is no room; 0 stays. */
  drop?: number;
};

/** A share from 0 to 1, and the bounds between which it lies with 95 % confidence. */
export type ShareOut = {
  value: number;
  low: number;
  high: number;
};

/** New values of a rate; what is absent stays, null empties. Countries and brackets are replaced as a whole. */
export type ShippingRateChange = {
  /** What the buyer reads. */
  name?: string;
  countries?: Array<string>;
  kind?: "by_total" | "by_weight" | "flat";
  brackets?: Array<BracketIn>;
  free_above?: number | null;
  delivery_days?: DeliveryDays | null;
  /** Rates are offered in this order, then by age. */
  position?: number;
  archived?: boolean;
};

/** A way of shipping to add. Amounts are in the shop's currency; a flat rate has a single bracket. From a basket total of `free_above` on it costs nothing. What is heavier or dearer than the last bracket does not go by this rate. */
export type ShippingRateCreate = {
  /** What the buyer reads. */
  name: string;
  countries: Array<string>;
  kind?: "by_total" | "by_weight" | "flat";
  brackets: Array<BracketIn>;
  free_above?: number | null;
  delivery_days?: DeliveryDays | null;
  /** Rates are offered in this order, then by age. */
  position?: number;
};

/** A way of shipping; amounts in the minor unit of the shop's currency. */
export type ShippingRateOut = {
  id: string;
  name: string;
  countries: Array<string>;
  kind: "by_total" | "by_weight" | "flat";
  brackets: Array<BracketOut>;
  free_above: number | null;
  delivery_days: DeliveryDaysOut | null;
  position: number;
  archived_at: string | null;
  created_at: string;
  updated_at: string;
};

/** New settings; what is absent stays. `stock.low` is told when a variant without a threshold of its own falls to `low_stock_at`; null: never. */
export type ShopChange = {
  name?: string;
  /** As in fr or fr_CA. */
  locale?: string;
  /** #rrggbb */
  background_colour?: string;
  /** #rrggbb */
  ink_colour?: string;
  /** #rrggbb */
  accent_colour?: string;
  /** Of visuals: headings with serifs above plain text, or the same plain letters for everything. */
  fonts?: "classic" | "modern";
  /** Of what lies on visuals: cards, buttons. */
  corners?: "round" | "soft" | "square";
  /** Whether words on visuals lie on the background's colour or the accent. */
  tone?: "bold" | "calm";
  display_font_id?: string | null;
  text_font_id?: string | null;
  logo_asset_id?: string | null;
  /** Where the shop's front end runs: its publishable keys work there only. */
  origins?: Array<string>;
  /** What happens to a paid order whose stock is gone: wait for a person, or refund what is missing. */
  oversold_policy?: "refund" | "wait";
  /** When payment methods whose money is certain only after days may be used: they hold stock. */
  delayed_payments?: "always" | "never" | "unless_scarce";
  /** What the shop may keep of visitors: counts alone; a hash that nobody can undo after two days; or also a cookie with the tokens of the last five taps. Whoever objects (GPC, Do Not Track) is only counted. */
  consent?: "attribution" | "none" | "statistics";
  /** Whether the catalog's prices hold the tax that buyers pay. */
  prices_include_tax?: boolean;
  /** Whether Stripe Tax computes the tax; it must be set up at Stripe first. */
  stripe_tax?: boolean;
  low_stock_at?: number | null;
  legal?: LegalChange;
};

/** A shop's settings and brand kit; colours are `#rrggbb`. */
export type ShopOut = {
  id: string;
  slug: string;
  name: string;
  currency: string;
  locale: string;
  country: string;
  background_colour: string;
  ink_colour: string;
  accent_colour: string;
  /** Of visuals: headings with serifs above plain text, or the same plain letters for everything. */
  fonts: "classic" | "modern";
  /** Of what lies on visuals: cards, buttons. */
  corners: "round" | "soft" | "square";
  /** Whether words on visuals lie on the background's colour or the accent. */
  tone: "bold" | "calm";
  display_font_id: string | null;
  text_font_id: string | null;
  logo_asset_id: string | null;
  origins: Array<string>;
  /** What happens to a paid order whose stock is gone: wait for a person, or refund what is missing. */
  oversold_policy: "refund" | "wait";
  /** When payment methods whose money is certain only after days may be used: they hold stock. */
  delayed_payments: "always" | "never" | "unless_scarce";
  /** What the shop may keep of visitors: counts alone; a hash that nobody can undo after two days; or also a cookie with the tokens of the last five taps. Whoever objects (GPC, Do Not Track) is only counted. */
  consent: "attribution" | "none" | "statistics";
  /** Whether the catalog's prices hold the tax that buyers pay. */
  prices_include_tax: boolean;
  /** Whether Stripe Tax computes the tax; it must be set up at Stripe first. */
  stripe_tax: boolean;
  low_stock_at: number | null;
  legal: Legal;
  created_at: string;
};

/** A template of the shop's own. `version` goes up with every change of its design, and with no other. */
export type ShopTemplateOut = {
  id: string;
  slug: string;
  name: string;
  description: string;
  version: number;
  design: Design;
  archived_at: string | null;
  created_at: string;
  updated_at: string;
};

/** One thing that points to a network. `value` never holds an identifier of a person. */
export type Sign = {
  method: "cart_origin" | "click_id" | "code" | "cookie" | "in_app" | "link" | "none" | "referrer" | "token" | "utm";
  network: string;
  confidence: "explicit" | "high" | "low" | "medium" | "none";
  value: string;
};

/** A picture that is nearly the same; `distance` is in how many bits of 64 their difference hashes differ. */
export type SimilarAssetOut = {
  asset: AssetOut;
  distance: number;
};

/** The near-duplicates of a picture, the nearest first, at most 20. */
export type SimilarAssetsOut = {
  items: Array<SimilarAssetOut>;
};

/** New words for one picture of a post; what is absent stays, null composes it anew. */
export type SlideChange = {
  alt_text?: string | null;
  title?: string | null;
  caption?: string | null;
};

/** One picture of a post. What is absent is composed from the products on it, or else from all of the post. `tags` and `products` as in a post; where two slides have one picture, the latter's tags stay on it. `template` and `frame` are the post's where they are not given. The title is the picture's headline. `caption` is for networks that show a text with each picture. */
export type SlideIn = {
  asset_id: string;
  template?: string;
  frame?: "auto" | "crop" | "pad";
  tags?: Array<TagIn>;
  products?: Array<PostProductIn>;
  alt_text?: string | null;
  title?: string | null;
  caption?: string | null;
};

/** Where a group of facts was read, and when. */
export type SourceOut = {
  name: string;
  checked: string;
};

/** Nothing, of some height: where a network's own sticker is to lie. */
export type SpaceLayer = {
  layer: "space";
  /** Thousandths of the canvas' mean side. */
  height?: number;
};

/** Where an item is on the visual's own picture; `item` counts the request's items from 0. */
export type SpotIn = {
  /** Share of the picture's width or height, from the left or top. */
  x: number;
  /** Share of the picture's width or height, from the left or top. */
  y: number;
  item?: number;
};

/** Five stars, as many of them full as the review gave. */
export type StarsLayer = {
  layer: "stars";
  /** Of the type, in thousandths of the canvas' mean side. */
  size?: number;
  /** One of ground, ink, accent, muted, tint and panel, or #rrggbb. */
  colour?: string;
};

/** A count of what is there now, and below which number that is little (null: the shop's own). */
export type StockChange = {
  available?: number;
  tracked?: boolean;
  low_stock_at?: number | null;
};

/** What is left of the variant, and the threshold that it fell to. */
export type StockLowData = {
  product_id: string;
  variant_id: string;
  sku: string | null;
  available: number;
  threshold: number;
};

/** Pieces that came or went outside of Vitrine. */
export type StockMovementCreate = {
  delta: number;
  reference?: string;
};

/** Pieces that came or went, and how many were left then. */
export type StockMovementOut = {
  id: string;
  variant_id: string;
  delta: number;
  available: number;
  reason: string;
  reference: string;
  created_at: string;
};

/** What is left of a variant; `available` means nothing while `tracked` is false. `stock.low` is told when it falls to `low_stock_at`, or to the shop's own number where that is null. */
export type StockOut = {
  variant_id: string;
  available: number;
  tracked: boolean;
  low_stock_at: number | null;
};

/** A colour, `#rrggbb`, and the share of the picture that has it, 0..1. */
export type SwatchOut = {
  colour: string;
  share: number;
};

/** A product's point on the master picture. */
export type TagIn = {
  product_id: string;
  variant_id?: string | null;
  /** Share of the picture's width or height, from the left or top. */
  x: number;
  /** Share of the picture's width or height, from the left or top. */
  y: number;
};

/** A product's point on the master picture. */
export type TagOut = {
  product_id: string;
  variant_id: string | null;
  x: number;
  y: number;
};

/** The product has this tag. */
export type TagRule = {
  rule: "tag";
  value: string;
};

/** How products are tagged on a picture; `note` says why they cannot be, or what must hold first. */
export type TagRuleOut = {
  supported: boolean;
  per_image: number;
  per_post: number;
  positions: string;
  note: string;
  source: SourceOut;
};

/** All product points of a picture, in their order; those that are not here are taken away. */
export type TagsChange = {
  tags: Array<TagIn>;
};

/** A picture's product points, in their order. */
export type TagsOut = {
  asset_id: string;
  tags: Array<TagOut>;
};

/** What may be changed about a shop's own template; what is absent stays. Visuals made before stay as they are. */
export type TemplateChange = {
  name?: string;
  /** What it is for, in a line. */
  description?: string;
  design?: Design;
};

/** A look of the shop's own, to be named by its `slug` wherever a built-in one can be. */
export type TemplateCreate = {
  slug: string;
  name: string;
  /** What it is for, in a line. */
  description?: string;
  design: Design;
};

/** A look that visuals can have. `version` goes up with every change of what it draws. Templates of the shop's own have an `id`. */
export type TemplateOut = {
  id: string | null;
  slug: string;
  name: string;
  description: string;
  version: number;
};

/** A visual in one format, to be looked at: nothing of it is stored. */
export type TemplatePreview = {
  asset_id: string;
  template?: string;
  design?: Design | null;
  formats: Array<string>;
  title?: string | null;
  price?: string | null;
  compare_at?: string | null;
  subtitle?: string | null;
  badge?: string | null;
  quote?: string | null;
  author?: string | null;
  stars?: number | null;
  action?: string | null;
  deadline?: string | null;
  qr_url?: string | null;
  logo_asset_id?: string | null;
  facts?: Array<FactIn>;
  items?: Array<ItemIn>;
  spots?: Array<SpotIn>;
  language?: string | null;
  frame?: "auto" | "crop" | "pad";
  background?: "blur" | "colour" | "cut-out" | "extended";
  colour?: string | null;
  keep?: Array<PointIn>;
  output?: "avif" | "jpeg" | "png" | "webp";
};

/** The endpoint that a test event was asked for. */
export type TestData = {
  webhook_endpoint_id: string;
};

/** Words in one style. They shrink to `smallest`, together with the rest, before anything is cut. */
export type TextLayer = {
  layer: "text";
  /** Words, with {title}, {subtitle}, {shop}, {badge}, {quote}, {author}, {action}, {deadline}, {price}, {page} or {new} where the scene's are to stand. */
  text: string;
  font?: "display" | "text";
  weight?: number;
  /** Of the type, in thousandths of the canvas' mean side. */
  size?: number;
  /** Of the type, in thousandths of the canvas' mean side. */
  smallest?: number;
  lines?: number;
  leading?: number;
  tracking?: number;
  capitals?: boolean;
  /** One of ground, ink, accent, muted, tint and panel, or #rrggbb. */
  colour?: string;
  /** What is left out first where there is no room; 0 stays. */
  drop?: number;
};

/** What can be said; null where the placement has no such field, or no limit is stated for a count. `visible` characters of the caption (of the title, where there is one) show before it is opened. */
export type TextRuleOut = {
  caption: LimitOut | null;
  visible: number | null;
  title: LimitOut | null;
  alt_text: LimitOut | null;
  hashtags_max: number | null;
  mentions_max: number | null;
  source: SourceOut;
};

/** From `at_least` on: either a `rate` or an `amount`. */
export type Tier = {
  /** Minor unit of the shop's currency. */
  at_least: number;
  rate?: number | null;
  amount?: number | null;
};

/** The more, the cheaper: the highest tier that is reached counts, by what the goods cost or by their pieces. */
export type Tiers = {
  kind: "tiers";
  by: "amount" | "quantity";
  tiers: Array<Tier>;
};

/** The pictures of the items as a grid, each with its title and its price below. */
export type TilesLayer = {
  layer: "tiles";
  /** Of the type, in thousandths of the canvas' mean side. */
  size?: number;
  /** Of the type, in thousandths of the canvas' mean side. */
  smallest?: number;
  /** Thousandths of the canvas' mean side. */
  gap?: number;
  /** Share of the group's room. */
  least?: number;
};

/** One tap before the order. `via` is `token` where its token stood in the address, `cookie` where it was kept. `click_id` is null once the buyer was forgotten. `credited` is the tap whose post and link have the order. */
export type TouchOut = {
  at: string;
  network: string | null;
  placement: string | null;
  post_id: string | null;
  link_id: string;
  campaign: string | null;
  click_id: string | null;
  via: "cookie" | "token";
  credited: boolean;
};

/** A picture that is to be sent straight to the storage: exactly so many bytes of this type. */
export type UploadCreate = {
  /** image/jpeg */
  media_type: string;
  /** The length of the file. */
  bytes: number;
  method?: "post" | "put";
  sha256?: string | null;
  /** What the picture shows, for who cannot see it. */
  alt_text?: string;
};

/** How to send the picture to the storage, then `POST /v1/uploads/{id}/complete`. PUT: the bytes as the body, with `headers`. POST: a multipart form of all `fields`, and then the bytes as `file`. The answer is 2xx when the storage took it; the address takes nothing after `expires_at`. */
export type UploadOut = {
  id: string;
  url: string;
  method: "POST" | "PUT";
  headers: Record<string, string>;
  fields: Record<string, string>;
  media_type: string;
  bytes: number;
  expires_at: string;
};

/** One arrangement, for canvases of some shapes and pictures of some proportions; empty is any. Canvases: `tall` from 8:5, `upright` from 8:7, `wide` from 5:4 across, `square` between. Pictures: `upright` where they are higher than wide, else `lying`. */
export type Variant = {
  canvas?: Array<"square" | "tall" | "upright" | "wide">;
  picture?: "any" | "lying" | "upright";
  body: Group4;
};

/** New values of a variant; what is absent stays, null empties. */
export type VariantChange = {
  /** One value for each of the product's options: {"Size": "S"}. */
  options?: Record<string, string>;
  sku?: string | null;
  barcode?: string | null;
  weight_grams?: number | null;
  requires_shipping?: boolean;
};

/** A variant to add. Services and digital goods say `requires_shipping: false`: nobody is asked for an address. */
export type VariantCreate = {
  /** One value for each of the product's options: {"Size": "S"}. */
  options?: Record<string, string>;
  sku?: string | null;
  barcode?: string | null;
  weight_grams?: number | null;
  requires_shipping?: boolean;
  tracked?: boolean;
  available?: number;
  prices?: Array<PriceIn>;
};

/** A variant with its prices. `in_stock` says whether one can be had now. `available` is the exact count, for front ends too (`Only 2 left`); it means nothing while `tracked` is false. */
export type VariantOut = {
  id: string;
  product_id: string;
  title: string;
  options: Record<string, string>;
  sku: string | null;
  barcode: string | null;
  weight_grams: number | null;
  requires_shipping: boolean;
  tracked: boolean;
  available: number;
  in_stock: boolean;
  archived_at: string | null;
  prices: Array<PriceOut>;
  created_at: string;
  updated_at: string;
};

/** The product comes from this vendor, spelt exactly so. */
export type VendorRule = {
  rule: "vendor";
  value: string;
};

/** How a dispute ended: won, lost, warning_closed or prevented. */
export type VerdictData = {
  id: string;
  status: string;
};

/** Visuals of many products: those of a collection as it is now, or those that are named; never both. Of each product the first picture is drawn, or all of them, with its name and its price at the time of drawing. */
export type VisualBatchCreate = {
  collection_id?: string;
  product_ids?: Array<string>;
  pictures?: "all" | "first";
  template?: string;
  formats: Array<string>;
  frame?: "auto" | "crop" | "pad";
  output?: "avif" | "jpeg" | "png" | "webp";
};

/** The batch as it was then. */
export type VisualBatchData = {
  visual_batch: VisualBatchOut;
};

/** One picture of a batch; `refusal` is the kind of problem that kept it from being drawn. `alt_text` proposes what to say to who cannot see it: the picture's own text, else one made of the product's facts. */
export type VisualBatchItemOut = {
  product_id: string;
  asset_id: string | null;
  status: "drawn" | "refused" | "waiting";
  refusal: string | null;
  alt_text: string;
  visuals: Array<VisualOut>;
};

/** How far a batch is: of `total` pictures `drawn` have all their visuals, and `refused` get none. */
export type VisualBatchOut = {
  id: string;
  status: "cancelled" | "completed" | "drawing" | "waiting";
  collection_id: string | null;
  template: string;
  formats: Array<string>;
  frame: "auto" | "crop" | "pad";
  output: "avif" | "jpeg" | "png" | "webp";
  total: number;
  drawn: number;
  refused: number;
  created_at: string;
  ended_at: string | null;
};

/** One template in any number of formats. Prices are texts, written as the reader is to see them. `compare_at` is struck out beside the price: name only what was really asked before. A template shows what it has a place for; what is absent leaves no hole. `design` is a look of your own, and `template` then its name. `logo_asset_id` is a sign on white, shown in place of the shop's name; without it that of the shop's kit, null for none. Every network takes JPEG; which formats may be WebP or AVIF, for pages of your own, is in `outputs` of `GET /v1/formats`. A crop moves to show as many as it can of the points to `keep`, without them of the picture's product tags. `background` stands where a padded picture does not reach: its edges drawn outwards, itself out of focus, or `colour`, without it the shop's background; `cut-out` puts that colour in place of the picture's own flat ground. */
export type VisualCreate = {
  asset_id: string;
  template?: string;
  design?: Design | null;
  formats: Array<string>;
  title?: string | null;
  price?: string | null;
  compare_at?: string | null;
  subtitle?: string | null;
  badge?: string | null;
  quote?: string | null;
  author?: string | null;
  stars?: number | null;
  action?: string | null;
  deadline?: string | null;
  qr_url?: string | null;
  logo_asset_id?: string | null;
  facts?: Array<FactIn>;
  items?: Array<ItemIn>;
  spots?: Array<SpotIn>;
  language?: string | null;
  frame?: "auto" | "crop" | "pad";
  background?: "blur" | "colour" | "cut-out" | "extended";
  colour?: string | null;
  keep?: Array<PointIn>;
  output?: "avif" | "jpeg" | "png" | "webp";
};

/** A finished picture: JPEG unless another type was asked for, sRGB, without metadata. Sizes in pixels and bytes. `page` counts the pictures of a set, such as a carousel, from 1. `template_version` is that of the template when the visual was made, null for a design that came with its request; the shop's own templates have a `template_id`. */
export type VisualOut = {
  id: string;
  asset_id: string;
  template: string;
  template_id: string | null;
  template_version: number | null;
  format: string;
  page: number;
  url: string;
  media_type: string;
  width: number;
  height: number;
  bytes: number;
  placement: PlacementOut;
  warnings: Array<Record<string, string | number>>;
  created_at: string;
};

/** The visuals of one request, in the order of its formats, and of a set in the order of its pages. */
export type VisualsOut = {
  items: Array<VisualOut>;
};

/** One try. `outcome` is delivered, status (no 2xx), or why there was no answer. Without an answer: forbidden (the name leads to an address that is not public), unresolved, refused, tls, timeout (5 seconds) or protocol. `answer` is how the answer began. */
export type WebhookAttemptOut = {
  outcome: "delivered" | "forbidden" | "protocol" | "refused" | "status" | "timeout" | "tls" | "unresolved";
  status: number | null;
  answer: string;
  milliseconds: number;
  created_at: string;
};

/** One event on its way to one endpoint. `pending` is tried again at `next_attempt_at`, once what came before it about the same `subject` is through; `dead` was given up after its last try and holds back what comes after it; `skipped` was given up by the merchant. */
export type WebhookDeliveryOut = {
  id: string;
  endpoint_id: string;
  event_id: string;
  event_type: string;
  subject: string;
  status: "dead" | "delivered" | "pending" | "skipped";
  attempts_left: number;
  next_attempt_at: string | null;
  delivered_at: string | null;
  created_at: string;
};

/** A delivery with the body that is sent and every try, the oldest first. */
export type WebhookDeliveryRead = {
  id: string;
  endpoint_id: string;
  event_id: string;
  event_type: string;
  subject: string;
  status: "dead" | "delivered" | "pending" | "skipped";
  attempts_left: number;
  next_attempt_at: string | null;
  delivered_at: string | null;
  created_at: string;
  body: string;
  attempts: Array<WebhookAttemptOut>;
};

/** New values; what is absent stays. While `enabled` is false deliveries wait, for 30 days at most. */
export type WebhookEndpointChange = {
  /** A public https address, on port 443 or 8443. */
  url?: string;
  /** Such as order.paid; `*` is every type, also those to come. */
  event_types?: Array<string>;
  description?: string;
  enabled?: boolean;
};

/** A new endpoint. */
export type WebhookEndpointCreate = {
  /** A public https address, on port 443 or 8443. */
  url: string;
  /** Such as order.paid; `*` is every type, also those to come. */
  event_types: Array<string>;
  description?: string;
};

/** An endpoint with its new secret (`whsec_…`), which is shown this once. */
export type WebhookEndpointMade = {
  id: string;
  url: string;
  description: string;
  event_types: Array<string>;
  enabled: boolean;
  disabled_at: string | null;
  disabled_reason: "failing" | "gone" | "merchant" | null;
  failures: number;
  failing_since: string | null;
  last_delivered_at: string | null;
  previous_secret_until: string | null;
  archived_at: string | null;
  created_at: string;
  updated_at: string;
  secret: string;
};

/** An endpoint without its secret, and how it is. `failures` is how many tries in a row have failed since `failing_since`. `disabled_reason` is `merchant` (you did), `failing` (nothing got through for a day) or `gone` (it answered 410). */
export type WebhookEndpointOut = {
  id: string;
  url: string;
  description: string;
  event_types: Array<string>;
  enabled: boolean;
  disabled_at: string | null;
  disabled_reason: "failing" | "gone" | "merchant" | null;
  failures: number;
  failing_since: string | null;
  last_delivered_at: string | null;
  previous_secret_until: string | null;
  archived_at: string | null;
  created_at: string;
  updated_at: string;
};

/** The same sentence in French and in English. */
export type Words = {
  fr: string;
  en: string;
};

/** Each route by method and path: what it takes, and what it answers. */
export interface Operations {
  /** The shop's pictures that are not archived, newest first. */
  "GET /v1/assets": { input: { query?: { limit?: number; cursor?: string | null } }; output: AssetPage };
  /** Keep a picture. The same bytes again give the same asset. */
  "POST /v1/assets": { input: { body: FormData; idempotencyKey?: string }; output: AssetOut };
  /** Fetch a picture from the web and keep it. The same bytes again give the same asset, wherever they come from. At most three redirects are followed, each to a public address again; all of it may last ten seconds. */
  "POST /v1/assets/import": { input: { body: AssetImport; idempotencyKey?: string }; output: AssetOut };
  /** One picture, with its ETag. */
  "GET /v1/assets/{asset_id}": { input: { path: { asset_id: string } }; output: AssetOut };
  /** Take a picture out of the lists; what was made of it stays. */
  "DELETE /v1/assets/{asset_id}": { input: { path: { asset_id: string } }; output: undefined };
  /** Change the alt text or the focal point; visuals made before stay as they are. */
  "PATCH /v1/assets/{asset_id}": { input: { path: { asset_id: string }; body: AssetChange; ifMatch: string }; output: AssetOut };
  /** The same picture in another size, compression or brightness, or cropped a little, unless it is archived. */
  "GET /v1/assets/{asset_id}/similar": { input: { path: { asset_id: string } }; output: SimilarAssetsOut };
  /** The picture's product points, with the picture's ETag. */
  "GET /v1/assets/{asset_id}/tags": { input: { path: { asset_id: string } }; output: TagsOut };
  /** Replace all product points of a picture; posts made before keep theirs. */
  "PUT /v1/assets/{asset_id}/tags": { input: { path: { asset_id: string }; body: TagsChange; ifMatch: string }; output: TagsOut };
  /** Hold the stock and open a page to pay at. Needs an `Idempotency-Key`: after an error, repeat the request with the same one. A `discount_code` that is not good is refused; a publishable key learns of no difference between codes that never were and those that ended. */
  "POST /v1/checkouts": { input: { body: CheckoutCreate; idempotencyKey: string }; output: CheckoutOut };
  /** One checkout. */
  "GET /v1/checkouts/{checkout_id}": { input: { path: { checkout_id: string } }; output: CheckoutOut };
  /** End an open checkout and give its stock back. */
  "POST /v1/checkouts/{checkout_id}/expire": { input: { path: { checkout_id: string }; idempotencyKey?: string }; output: CheckoutOut };
  /** The shop's collections, newest first, archived ones left out. */
  "GET /v1/collections": { input: { query?: { limit?: number; cursor?: string | null } }; output: CollectionPage };
  /** Add a collection. */
  "POST /v1/collections": { input: { body: CollectionCreate; idempotencyKey?: string }; output: CollectionOut };
  /** One collection, with its ETag. */
  "GET /v1/collections/{collection_id}": { input: { path: { collection_id: string } }; output: CollectionOut };
  /** Put a collection away; PATCH `archived` to bring it back. */
  "DELETE /v1/collections/{collection_id}": { input: { path: { collection_id: string } }; output: undefined };
  /** Change a collection; products and rules are replaced as a whole. `archived: false` brings it back. */
  "PATCH /v1/collections/{collection_id}": { input: { path: { collection_id: string }; body: CollectionChange; ifMatch: string }; output: CollectionOut };
  /** The shop's creators, newest first, archived ones left out. */
  "GET /v1/creators": { input: { query?: { limit?: number; cursor?: string | null } }; output: CreatorPage };
  /** Add a creator. */
  "POST /v1/creators": { input: { body: CreatorCreate; idempotencyKey?: string }; output: CreatorOut };
  /** One creator, with its ETag. */
  "GET /v1/creators/{creator_id}": { input: { path: { creator_id: string } }; output: CreatorOut };
  /** Put a creator away; links and orders keep them. PATCH `archived` to bring them back. */
  "DELETE /v1/creators/{creator_id}": { input: { path: { creator_id: string } }; output: undefined };
  /** Change a creator for the orders to come; `archived: false` brings one back. */
  "PATCH /v1/creators/{creator_id}": { input: { path: { creator_id: string }; body: CreatorChange; ifMatch: string }; output: CreatorOut };
  /** The shop's discounts, newest first; archived ones only where their code is asked for. */
  "GET /v1/discounts": { input: { query?: { code?: string | null; automatic?: boolean | null; limit?: number; cursor?: string | null } }; output: DiscountPage };
  /** Add a discount. */
  "POST /v1/discounts": { input: { body: DiscountCreate; idempotencyKey?: string }; output: DiscountOut };
  /** One discount, with its ETag. */
  "GET /v1/discounts/{discount_id}": { input: { path: { discount_id: string } }; output: DiscountOut };
  /** Put a discount away, at once; orders that have it keep it. PATCH `archived` to bring it back. */
  "DELETE /v1/discounts/{discount_id}": { input: { path: { discount_id: string } }; output: undefined };
  /** Change a discount for the orders to come; `archived: false` brings it back. */
  "PATCH /v1/discounts/{discount_id}": { input: { path: { discount_id: string }; body: DiscountChange; ifMatch: string }; output: DiscountOut };
  /** The shop's fonts that are not archived, newest first; always one page. */
  "GET /v1/fonts": { input: {}; output: FontPage };
  /** Keep a font that you may draw pictures with. The same bytes again give the same font. */
  "POST /v1/fonts": { input: { body: FormData; idempotencyKey?: string }; output: FontOut };
  /** What is known of one font, archived or not. */
  "GET /v1/fonts/{font_id}": { input: { path: { font_id: string } }; output: FontOut };
  /** Draw nothing with this font any more; where the kit names it, the house's fonts stand in. */
  "DELETE /v1/fonts/{font_id}": { input: { path: { font_id: string } }; output: undefined };
  /** The built-in formats with their safe areas, then the shop's own, newest first; always one page. */
  "GET /v1/formats": { input: {}; output: FormatPage };
  /** Add a format of the shop's own, to be named in `POST /v1/visuals` like any other. */
  "POST /v1/formats": { input: { body: FormatCreate; idempotencyKey?: string }; output: FormatOut };
  /** One of the shop's own formats, archived or not, with its ETag. */
  "GET /v1/formats/{format_id}": { input: { path: { format_id: string } }; output: FormatOut };
  /** Take a format out of the list; what was made in it stays, and its slug is free again. */
  "DELETE /v1/formats/{format_id}": { input: { path: { format_id: string } }; output: undefined };
  /** Change one of the shop's own formats; visuals made before stay as they are. */
  "PATCH /v1/formats/{format_id}": { input: { path: { format_id: string }; body: FormatChange; ifMatch: string }; output: FormatOut };
  /** Read a file into the catalog. Sent again, it changes what differs and doubles nothing. */
  "POST /v1/imports": { input: { body: FormData; idempotencyKey?: string }; output: ImportOut };
  /** One import: what became of its rows. */
  "GET /v1/imports/{import_id}": { input: { path: { import_id: string } }; output: ImportOut };
  /** What was wrong with rows, each with line, column and rule; the last one found comes first. */
  "GET /v1/imports/{import_id}/rows": { input: { path: { import_id: string }; query?: { limit?: number; cursor?: string | null } }; output: ImportRowPage };
  /** The same per network, post, link or in-app browser, and of all that pass the filters together. `engaged` tells for how many seconds pages were in sight. Apps (`in_app`) are counted by network: by them, there is no filter for a post or link. Clicks and landings count on the day of the tap, checkouts when they were begun, money on the day of payment. */
  "GET /v1/insights/funnel": { input: { query?: { by?: "network" | "post" | "link" | "in_app"; network?: string | null; post?: string | null; link?: string | null; first_day?: string | null; last_day?: string | null } }; output: FunnelOut };
  /** From tap to money per network, over all time or from one UTC day to another, both included. `clicks` are taps by people, `landings` those of them that saw the page, `click_loss` the share that did not; `checkouts` were begun, `paid` were paid; `revenue` is what was paid less refunds and lost disputes; `conversion` is paid orders that a link brought ÷ clicks, with its 95 % Wilson interval. */
  "GET /v1/insights/networks": { input: { query?: { first_day?: string | null; last_day?: string | null } }; output: NetworkInsightsOut };
  /** The shop's keys, newest first, revoked ones too. */
  "GET /v1/keys": { input: { query?: { limit?: number; cursor?: string | null } }; output: KeyPage };
  /** Make a key with no more scopes than yours. Its `token` is shown this once. */
  "POST /v1/keys": { input: { body: KeyCreate; idempotencyKey?: string }; output: KeyMade };
  /** One key. */
  "GET /v1/keys/{key_id}": { input: { path: { key_id: string } }; output: KeyOut };
  /** Revoke a key: it answers 401 from now on, on every machine. Not the one that you ask with. */
  "DELETE /v1/keys/{key_id}": { input: { path: { key_id: string } }; output: undefined };
  /** The shop's hosts, newest first, those that are not verified too. */
  "GET /v1/link-hosts": { input: { query?: { limit?: number; cursor?: string | null } }; output: LinkHostPage };
  /** Add a host, and look whether it shows the proof. */
  "POST /v1/link-hosts": { input: { body: LinkHostCreate; idempotencyKey?: string }; output: LinkHostOut };
  /** One host, and what the last look at it found. */
  "GET /v1/link-hosts/{host_id}": { input: { path: { host_id: string } }; output: LinkHostOut };
  /** Take a host off the list, at once: links that led there lead to their landing pages. */
  "DELETE /v1/link-hosts/{host_id}": { input: { path: { host_id: string } }; output: undefined };
  /** Look once more, soon: read the host a moment later to see what was found. */
  "POST /v1/link-hosts/{host_id}/verify": { input: { path: { host_id: string }; idempotencyKey?: string }; output: LinkHostOut };
  /** The shop's links, newest first. */
  "GET /v1/links": { input: { query?: { post?: string | null; product?: string | null; network?: string | null; creator?: string | null; limit?: number; cursor?: string | null } }; output: LinkPage };
  /** Make a link for a place that no post of ours fills: a profile, a message, print, mail, paid reach. */
  "POST /v1/links": { input: { body: LinkCreate; idempotencyKey?: string }; output: LinkOut };
  /** One link, with its ETag. */
  "GET /v1/links/{link_id}": { input: { path: { link_id: string } }; output: LinkOut };
  /** Change where a link leads, when and for whom, or switch it off; taps know within two seconds. */
  "PATCH /v1/links/{link_id}": { input: { path: { link_id: string }; body: LinkChange; ifMatch: string }; output: LinkOut };
  /** The QR code of a link as SVG or PNG, in the shop's colours where readers can tell them apart. */
  "GET /v1/links/{link_id}/qr": { input: { path: { link_id: string }; query?: { format?: "svg" | "png"; size?: number } }; output: Blob };
  /** The networks there are; always one page. */
  "GET /v1/networks": { input: {}; output: NetworkPage };
  /** One network. */
  "GET /v1/networks/{network_slug}": { input: { path: { network_slug: string } }; output: NetworkOut };
  /** The shop's orders, newest first; `created_to` itself is not included. `review` is a reason why a person should look and nobody has yet; `needs_review` asks whether there is any. */
  "GET /v1/orders": { input: { query?: { network?: string | null; post?: string | null; link?: string | null; creator?: string | null; status?: "draft" | "awaiting_payment" | "processing" | "paid" | "partially_refunded" | "refunded" | "disputed" | "charged_back" | "payment_failed" | "expired" | "cancelled" | null; review?: "amount-mismatch" | "currency-mismatch" | "discount-limit" | "duplicate-payment" | "fraud-warning" | "late-payment" | "radar-review" | "refund-failed" | "unknown-session" | null; needs_review?: boolean | null; created_from?: string | null; created_to?: string | null; limit?: number; cursor?: string | null } }; output: OrderPage };
  /** One order. */
  "GET /v1/orders/{order_id}": { input: { path: { order_id: string } }; output: OrderOut };
  /** Where one order came from: every tap before it, every sign, and the rule that decided, in words. */
  "GET /v1/orders/{order_id}/attribution": { input: { path: { order_id: string } }; output: OrderAttributionOut };
  /** Forget who bought an order, for good; amounts and lines stay. Stripe keeps its own records: ask there too. */
  "DELETE /v1/orders/{order_id}/contact": { input: { path: { order_id: string } }; output: undefined };
  /** The order's disputes, newest first; they are answered at Stripe. */
  "GET /v1/orders/{order_id}/disputes": { input: { path: { order_id: string } }; output: DisputePage };
  /** What holds an order back and has held it back, newest first. */
  "GET /v1/orders/{order_id}/fulfilment-holds": { input: { path: { order_id: string } }; output: FulfilmentHoldPage };
  /** Let nothing of an order be packed or shipped until this is released; for the same reason twice is once. */
  "POST /v1/orders/{order_id}/fulfilment-holds": { input: { path: { order_id: string }; body: FulfilmentHoldCreate; idempotencyKey?: string }; output: FulfilmentHoldOut };
  /** Let an order go again. What a dispute holds back is let go when the bank has decided, what a review holds back when somebody has resolved it. */
  "DELETE /v1/orders/{order_id}/fulfilment-holds/{fulfilment_hold_id}": { input: { path: { order_id: string; fulfilment_hold_id: string } }; output: undefined };
  /** All parcels of an order, how far it has come, and what holds it back. */
  "GET /v1/orders/{order_id}/fulfilments": { input: { path: { order_id: string } }; output: FulfilmentsOut };
  /** Pack a parcel of a paid order: all that is left, or these lines. */
  "POST /v1/orders/{order_id}/fulfilments": { input: { path: { order_id: string }; body: FulfilmentCreate; idempotencyKey?: string }; output: FulfilmentOut };
  /** One parcel, with its ETag. */
  "GET /v1/orders/{order_id}/fulfilments/{fulfilment_id}": { input: { path: { order_id: string; fulfilment_id: string } }; output: FulfilmentOut };
  /** Take a parcel apart that has not left. */
  "DELETE /v1/orders/{order_id}/fulfilments/{fulfilment_id}": { input: { path: { order_id: string; fulfilment_id: string } }; output: undefined };
  /** Take a parcel one step further (packed, shipped, delivered, returned), or say how it travels. */
  "PATCH /v1/orders/{order_id}/fulfilments/{fulfilment_id}": { input: { path: { order_id: string; fulfilment_id: string }; body: FulfilmentChange; ifMatch: string }; output: FulfilmentOut };
  /** Every movement of money of one order, fees included, as Stripe booked it; the oldest first. */
  "GET /v1/orders/{order_id}/ledger": { input: { path: { order_id: string } }; output: LedgerEntryPage };
  /** The order's refunds, newest first: those made in Stripe's dashboard too. */
  "GET /v1/orders/{order_id}/refunds": { input: { path: { order_id: string } }; output: RefundPage };
  /** Give money back, at most what is left, or take pieces back. Needs an `Idempotency-Key`: after an error, repeat the request with the same one. Stripe's fee stays paid. */
  "POST /v1/orders/{order_id}/refunds": { input: { path: { order_id: string }; body: RefundCreate; idempotencyKey: string }; output: RefundOut };
  /** One refund. */
  "GET /v1/orders/{order_id}/refunds/{refund_id}": { input: { path: { order_id: string; refund_id: string } }; output: RefundOut };
  /** The order's reviews, newest first, resolved ones too. */
  "GET /v1/orders/{order_id}/reviews": { input: { path: { order_id: string } }; output: OrderReviewPage };
  /** Say that a person has looked; the first time counts. The order's `reviews` name the reason no more, unless another matter of the same kind is open. What happened to money and stock stays as it is. */
  "POST /v1/orders/{order_id}/reviews/{review_id}/resolve": { input: { path: { order_id: string; review_id: string }; body: OrderReviewResolve; idempotencyKey?: string }; output: OrderReviewOut };
  /** Take the pieces of an oversold order off the shelf that were not there when it was paid: all or none. */
  "POST /v1/orders/{order_id}/take-missing": { input: { path: { order_id: string }; idempotencyKey?: string }; output: OrderOut };
  /** The shop's posts, newest first; without a `status`, those that are not archived. */
  "GET /v1/posts": { input: { query?: { network?: string | null; placement?: string | null; status?: "draft" | "archived" | null; limit?: number; cursor?: string | null } }; output: PostPage };
  /** Make a post: draw its picture, compose the words that are not given, make a link for each product. */
  "POST /v1/posts": { input: { body: PostCreate; idempotencyKey?: string }; output: PostOut };
  /** One post, with its ETag. */
  "GET /v1/posts/{post_id}": { input: { path: { post_id: string } }; output: PostOut };
  /** Put a post away. Its links go on working, because it may be out there. */
  "DELETE /v1/posts/{post_id}": { input: { path: { post_id: string } }; output: undefined };
  /** Change a post's words; null composes them again from the products as they are today. */
  "PATCH /v1/posts/{post_id}": { input: { path: { post_id: string }; body: PostChange; ifMatch: string }; output: PostOut };
  /** All that publishing takes: picture addresses, texts, tags, links, and the network's API calls. */
  "GET /v1/posts/{post_id}/kit": { input: { path: { post_id: string } }; output: KitOut };
  /** The kit as files to publish by hand: pictures in their order, texts, links, tags, and the kit itself. */
  "GET /v1/posts/{post_id}/kit.zip": { input: { path: { post_id: string } }; output: Blob };
  /** Tell everything that the network, or a buyer, would find the matter with a post. Nothing is changed. */
  "POST /v1/posts/{post_id}/preflight": { input: { path: { post_id: string }; idempotencyKey?: string }; output: PreflightOut };
  /** The shop's products, newest first; without a `status`, those that are not archived. `q` finds words whatever their case and accents, each at the beginning of a word of title, tags, vendor, type, SKUs or description. A manual `collection` comes in the merchant's order. */
  "GET /v1/products": { input: { query?: { status?: "draft" | "active" | "archived" | null; tag?: string | null; product_type?: string | null; collection?: string | null; q?: string | null; limit?: number; cursor?: string | null } }; output: ProductPage };
  /** Add a product, with variants and pictures if you like. */
  "POST /v1/products": { input: { body: ProductCreate; idempotencyKey?: string }; output: ProductOut };
  /** One product, with its ETag. */
  "GET /v1/products/{product_id}": { input: { path: { product_id: string } }; output: ProductOut };
  /** Take a product off sale; PATCH its status to bring it back. */
  "DELETE /v1/products/{product_id}": { input: { path: { product_id: string } }; output: undefined };
  /** Change a product; tags, options and pictures are replaced as a whole. */
  "PATCH /v1/products/{product_id}": { input: { path: { product_id: string }; body: ProductChange; ifMatch: string }; output: ProductOut };
  /** A product's living variants, newest first. */
  "GET /v1/products/{product_id}/variants": { input: { path: { product_id: string }; query?: { limit?: number; cursor?: string | null } }; output: VariantPage };
  /** Add a variant to a product, last in order. */
  "POST /v1/products/{product_id}/variants": { input: { path: { product_id: string }; body: VariantCreate; idempotencyKey?: string }; output: VariantOut };
  /** How far the shop's books are read, and whether they agree with Stripe's. */
  "GET /v1/reconciliation": { input: {}; output: ReconciliationOut };
  /** The shop's rates, newest first, archived ones left out. */
  "GET /v1/shipping-rates": { input: { query?: { limit?: number; cursor?: string | null } }; output: ShippingRatePage };
  /** Add a way of shipping. */
  "POST /v1/shipping-rates": { input: { body: ShippingRateCreate; idempotencyKey?: string }; output: ShippingRateOut };
  /** One rate, with its ETag. */
  "GET /v1/shipping-rates/{rate_id}": { input: { path: { rate_id: string } }; output: ShippingRateOut };
  /** Offer a rate no more; PATCH `archived` to bring it back. */
  "DELETE /v1/shipping-rates/{rate_id}": { input: { path: { rate_id: string } }; output: undefined };
  /** Change a rate, for orders to come. `archived: false` brings it back. */
  "PATCH /v1/shipping-rates/{rate_id}": { input: { path: { rate_id: string }; body: ShippingRateChange; ifMatch: string }; output: ShippingRateOut };
  /** The shop's settings, with their ETag. */
  "GET /v1/shop": { input: {}; output: ShopOut };
  /** Change settings; `If-Match` names the version that you read. */
  "PATCH /v1/shop": { input: { body: ShopChange; ifMatch: string }; output: ShopOut };
  /** The built-in looks, then the shop's own, newest first; always one page. */
  "GET /v1/templates": { input: {}; output: TemplatePage };
  /** Keep a design under a name, to be used wherever a built-in template can be. */
  "POST /v1/templates": { input: { body: TemplateCreate; idempotencyKey?: string }; output: ShopTemplateOut };
  /** Draw a template, or a design of your own, to look at it: nothing is stored, the picture is in the answer. */
  "POST /v1/templates/preview": { input: { body: TemplatePreview; idempotencyKey?: string }; output: PreviewsOut };
  /** One of the shop's own templates with its design, archived or not, with its ETag. */
  "GET /v1/templates/{template_id}": { input: { path: { template_id: string } }; output: ShopTemplateOut };
  /** Take a template out of the list; what was made with it stays, and its slug is free again. */
  "DELETE /v1/templates/{template_id}": { input: { path: { template_id: string } }; output: undefined };
  /** Change one of the shop's own templates; another design has the next `version`, visuals stay as they are. */
  "PATCH /v1/templates/{template_id}": { input: { path: { template_id: string }; body: TemplateChange; ifMatch: string }; output: ShopTemplateOut };
  /** Get a signed address that takes this one picture, for 15 minutes. */
  "POST /v1/uploads": { input: { body: UploadCreate; idempotencyKey?: string }; output: UploadOut };
  /** Make an asset of what was sent, as `POST /v1/assets` does. Asked again, it is the same asset. */
  "POST /v1/uploads/{upload_id}/complete": { input: { path: { upload_id: string }; idempotencyKey?: string }; output: AssetOut };
  /** One variant, with its ETag. */
  "GET /v1/variants/{variant_id}": { input: { path: { variant_id: string } }; output: VariantOut };
  /** Take a variant off sale and free its SKU. */
  "DELETE /v1/variants/{variant_id}": { input: { path: { variant_id: string } }; output: undefined };
  /** Change a variant; prices and stock have addresses of their own. */
  "PATCH /v1/variants/{variant_id}": { input: { path: { variant_id: string }; body: VariantChange; ifMatch: string }; output: VariantOut };
  /** What the variant costs in each currency, with the variant's ETag. */
  "GET /v1/variants/{variant_id}/prices": { input: { path: { variant_id: string } }; output: PricesOut };
  /** Make these all the prices of the variant; `If-Match` may name the variant's version that you read. */
  "PUT /v1/variants/{variant_id}/prices": { input: { path: { variant_id: string }; body: PricesChange; ifMatch?: string }; output: PricesOut };
  /** What is left of the variant: neither sold nor held by a checkout. */
  "GET /v1/variants/{variant_id}/stock": { input: { path: { variant_id: string } }; output: StockOut };
  /** Write down a count. For a delivery or a loss, add a stock movement: it cannot overwrite a sale. */
  "PUT /v1/variants/{variant_id}/stock": { input: { path: { variant_id: string }; body: StockChange }; output: StockOut };
  /** Every piece that came or went, newest first. */
  "GET /v1/variants/{variant_id}/stock-movements": { input: { path: { variant_id: string }; query?: { limit?: number; cursor?: string | null } }; output: StockMovementPage };
  /** Pieces came or went outside of Vitrine. */
  "POST /v1/variants/{variant_id}/stock-movements": { input: { path: { variant_id: string }; body: StockMovementCreate; idempotencyKey?: string }; output: StockMovementOut };
  /** The shop's batches, newest first. */
  "GET /v1/visual-batches": { input: { query?: { limit?: number; cursor?: string | null } }; output: VisualBatchPage };
  /** Have a whole collection, or products by name, drawn in the background. `visual_batch.progressed` and `visual_batch.ended` tell how far it is, and so does reading it again. */
  "POST /v1/visual-batches": { input: { body: VisualBatchCreate; idempotencyKey?: string }; output: VisualBatchOut };
  /** One batch: how far it is. */
  "GET /v1/visual-batches/{visual_batch_id}": { input: { path: { visual_batch_id: string } }; output: VisualBatchOut };
  /** Draw no more of it; what is drawn stays. */
  "POST /v1/visual-batches/{visual_batch_id}/cancel": { input: { path: { visual_batch_id: string }; idempotencyKey?: string }; output: VisualBatchOut };
  /** The pictures of a batch in its order, each with its visuals in the order of the formats. */
  "GET /v1/visual-batches/{visual_batch_id}/items": { input: { path: { visual_batch_id: string }; query?: { limit?: number; cursor?: string | null } }; output: VisualBatchItemPage };
  /** The shop's visuals, of one asset or of all, newest first. */
  "GET /v1/visuals": { input: { query?: { asset?: string | null; limit?: number; cursor?: string | null } }; output: VisualPage };
  /** Render one template in any number of formats; what was rendered before is found, not drawn again. */
  "POST /v1/visuals": { input: { body: VisualCreate; idempotencyKey?: string }; output: VisualsOut };
  /** One visual, with what was lost or enlarged in it. */
  "GET /v1/visuals/{visual_id}": { input: { path: { visual_id: string } }; output: VisualOut };
  /** One delivery: the body, and every try with how the answer began. */
  "GET /v1/webhook-deliveries/{delivery_id}": { input: { path: { delivery_id: string } }; output: WebhookDeliveryRead };
  /** Send it once more, now, with the same id and body. */
  "POST /v1/webhook-deliveries/{delivery_id}/resend": { input: { path: { delivery_id: string }; idempotencyKey?: string }; output: WebhookDeliveryOut };
  /** Give it up: what waits behind it about the same subject goes out. */
  "POST /v1/webhook-deliveries/{delivery_id}/skip": { input: { path: { delivery_id: string }; idempotencyKey?: string }; output: WebhookDeliveryOut };
  /** The shop's endpoints and how they are, newest first, archived ones left out. */
  "GET /v1/webhook-endpoints": { input: { query?: { limit?: number; cursor?: string | null } }; output: WebhookEndpointPage };
  /** Add an endpoint. Its secret is shown this once: messages are signed with it, as Standard Webhooks says. */
  "POST /v1/webhook-endpoints": { input: { body: WebhookEndpointCreate; idempotencyKey?: string }; output: WebhookEndpointMade };
  /** One endpoint, with its ETag. */
  "GET /v1/webhook-endpoints/{endpoint_id}": { input: { path: { endpoint_id: string } }; output: WebhookEndpointOut };
  /** Send nothing there any more, for good. */
  "DELETE /v1/webhook-endpoints/{endpoint_id}": { input: { path: { endpoint_id: string } }; output: undefined };
  /** Change an endpoint. `enabled: true` after a failure sends what waits and what was given up once more. */
  "PATCH /v1/webhook-endpoints/{endpoint_id}": { input: { path: { endpoint_id: string }; body: WebhookEndpointChange; ifMatch: string }; output: WebhookEndpointOut };
  /** What was sent there, or is to be, newest first; kept for 30 days. */
  "GET /v1/webhook-endpoints/{endpoint_id}/deliveries": { input: { path: { endpoint_id: string }; query?: { limit?: number; cursor?: string | null; status?: "pending" | "delivered" | "dead" | "skipped" | null; event_type?: string | null } }; output: WebhookDeliveryPage };
  /** A new secret, shown this once. Until `previous_secret_until` messages carry a signature with each of both. */
  "POST /v1/webhook-endpoints/{endpoint_id}/rotate-secret": { input: { path: { endpoint_id: string }; body: SecretRotation; idempotencyKey?: string }; output: WebhookEndpointMade };
  /** Send a test event (`webhook_endpoint.test`), once. Read the delivery a moment later to see what came back. */
  "POST /v1/webhook-endpoints/{endpoint_id}/test": { input: { path: { endpoint_id: string }; idempotencyKey?: string }; output: WebhookDeliveryOut };
}

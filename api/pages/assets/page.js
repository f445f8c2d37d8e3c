// What a page that sells does where scripts run. Without this file it works the same.
(() => {
  "use strict";
  const here = document.currentScript;
  const kept = { ...(history.state || {}).vitrine };
  const address = new URL(location.href);

  // What belongs to this visitor alone leaves the address, so that who shares it shares the page and not their tap. It
  // stays with this entry of the history, where reloading and coming back find it; nothing is stored anywhere else.
  const own = {};
  for (const name of ["sl", "page"]) {
    const values = new Set(address.searchParams.getAll(name));
    if (values.size === 1) [own[name]] = values;
    address.searchParams.delete(name);
  }
  if (address.href !== location.href) {
    history.replaceState({ ...history.state, vitrine: own }, "", address);
  } else if (kept.page || (kept.sl && location.pathname.startsWith("/s/"))) {
    // Reloaded. Back from the payment page, goods are held for that very page; on a page of the shop's own, the discount
    // is that of the tap's link: only the server can show either.
    for (const name in kept) address.searchParams.set(name, kept[name]);
    document.body.inert = true; // Nobody taps the page that is about to go.
    location.replace(address);
    return;
  } else if (kept.sl) {
    own.sl = kept.sl;
    for (const form of document.querySelectorAll("main form[method=post]")) {
      if (form.elements.namedItem("sl")) continue;
      const field = document.createElement("input");
      [field.type, field.name, field.value] = ["hidden", "sl", kept.sl];
      form.append(field);
    }
    for (const link of document.querySelectorAll('a[href^="/go/"], a[href^="/s/"], a[href^="?"]')) {
      const to = new URL(link.href);
      if (!to.searchParams.has("sl")) to.searchParams.set("sl", kept.sl);
      link.href = to.href;
    }
  }

  // Who comes back from paying by the browser's own button finds what is held for them, as by the payment page's link.
  for (const form of document.querySelectorAll("main form[method=post]")) {
    form.addEventListener("submit", (event) => {
      if (event.submitter && event.submitter.name) return; // It changes the basket; nothing is held by that.
      const given = new FormData(form), held = { ...own };
      for (const name of ["page", "variant", "quantity", "ship_to", "from"]) {
        if (given.get(name)) held[name] = given.get(name);
      }
      history.replaceState({ ...history.state, vitrine: held }, "");
    });
  }

  // For how long the page was in sight, where the shop counts that and the visitor does not object.
  const beacon = here && here.dataset.beacon;
  if (!beacon || !own.sl || !navigator.sendBeacon) return;
  if (navigator.globalPrivacyControl || navigator.doNotTrack === "1") return;
  let seen = 0, since = null, told = -1;
  const look = () => {
    const now = performance.now();
    if (since !== null) seen += now - since;
    since = document.visibilityState === "visible" ? now : null;
  };
  const tell = () => {
    const wasSeen = since !== null || seen > 0;
    look();
    const seconds = Math.min(Math.floor(seen / 1000), 1800);
    if (!wasSeen || seconds <= told) return;
    told = seconds;
    navigator.sendBeacon(beacon, new URLSearchParams({ sl: own.sl, seconds }));
  };
  look();
  document.addEventListener("visibilitychange", () => (document.visibilityState === "hidden" ? tell() : look()));
  addEventListener("pagehide", tell);
})();

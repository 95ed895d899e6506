"use strict";

// Text reaches the page through textContent alone, so nothing a caller sent is ever read as HTML.

const REFRESH_MILLISECONDS = 1500;
const byId = (id) => document.getElementById(id);

function element(tag, text, className) {
  const made = document.createElement(tag);
  if (text !== undefined) made.textContent = text;
  if (className) made.className = className;
  return made;
}

function cell(...contents) {
  const made = element("td");
  for (const content of contents) made.append(content);
  return made;
}

function figure(text) {
  return element("td", text, "figure");
}

function say(text) {
  byId("message").textContent = text;
}

async function act(path, members, done) {
  try {
    const response = await fetch(path, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(members),
    });
    if (response.ok) {
      say(done);
    } else {
      const answer = await response.json();
      say(answer.error);
    }
  } catch (error) {
    say(`The sandbox does not answer: ${error.message}`);
  }
  await refresh();
}

function button(label, id, path, members, done) {
  const made = element("button", label);
  made.type = "button";
  made.dataset.key = `${label} ${id}`;
  made.setAttribute("aria-label", `${label}: ${id}`);
  made.addEventListener("click", () => act(path, members, done));
  return made;
}

function orderRow(order) {
  const row = element("tr");
  row.id = order.trade_no;
  if (location.hash === `#${order.trade_no}`) row.setAttribute("aria-current", "true");
  const path = `/sandbox/orders/${encodeURIComponent(order.trade_no)}`;
  const name = order.out_trade_no;
  const actions = [];
  const add = (label, step, members, done) =>
    actions.push(button(label, name, `${path}/${step}`, members, done));
  if (order.half !== null) add("Pay half", "pay", { amount: order.half }, `Paid half of ${name}.`);
  if (order.remaining !== "0") add("Pay rest", "pay", {}, `Paid the rest of ${name}.`);
  add("Overpay", "pay", { amount: overpayment(order) }, `Paid more than ${name} asks.`);
  if (order.payments.length > 0) add("Confirm", "confirm", { count: 1 }, `Confirmed ${name} once.`);
  if (order.status === "TO-BE-PAID" && order.remaining !== "0") {
    add("Expire", "expire", {}, `Let ${name} time out.`);
  }
  const price = order.fiat_name ? `${order.fiat_amount} ${order.fiat_name}` : "";
  row.append(
    cell(name, element("small", order.trade_no), element("code", order.pay_address)),
    cell(order.status),
    cell(`${order.amount} ${order.token}`, element("small", price)),
    figure(order.amount_collected),
    figure(`${order.already_confirms} of ${order.need_confirms}`),
    cell(new Date(order.time_expire * 1000).toLocaleTimeString()),
    cell(...actions),
  );
  return row;
}

// One whole token more than is missing, worked out on the digits: amounts are no floats.
function overpayment(order) {
  const [whole, fraction] = order.remaining.split(".");
  const more = (BigInt(whole) + 1n).toString();
  return fraction === undefined ? more : `${more}.${fraction}`;
}

function payoutRow(payout) {
  const row = element("tr");
  row.id = payout.trade_no;
  const path = `/sandbox/payouts/${encodeURIComponent(payout.trade_no)}`;
  const name = payout.trade_no;
  const actions = [];
  if (!["PAID", "FAIL", "CANCEL"].includes(payout.status)) {
    actions.push(
      button("Advance", name, `${path}/advance`, {}, `Moved ${name} one step.`),
      button("Fail", name, `${path}/fail`, {}, `Let ${name} fail.`),
      button("Cancel", name, `${path}/cancel`, {}, `Cancelled ${name}.`),
    );
  }
  row.append(
    cell(element("code", name)),
    cell(payout.status),
    figure(`${payout.amount} ${payout.token}`),
    cell(
      element("small", `charge ${payout.service_charge}`),
      element("small", `gas ${payout.gas}`),
    ),
    cell(element("code", payout.target_address)),
    cell(...actions),
  );
  return row;
}

function balanceRow(token, balance) {
  const row = element("tr");
  row.append(
    cell(`${token.symbol} (${token.currency_id})`),
    cell(`${token.chain} ${token.network}`),
    figure(balance.total),
    figure(balance.frozen),
  );
  return row;
}

function fill(id, rows) {
  const table = byId(id);
  table.tBodies[0].replaceChildren(...rows);
  const empty = byId(`${id}-empty`);
  if (empty) {
    table.hidden = rows.length === 0;
    empty.hidden = rows.length > 0;
  }
}

let shown = "";
let scrolled = false;

function show(state) {
  const focused = document.activeElement?.dataset?.key;
  byId("url").textContent = state.url;
  byId("app-id").textContent = state.halo.app_id;
  fill("orders", state.halo.orders.map(orderRow).reverse());
  fill("payouts", state.halo.payouts.map(payoutRow).reverse());
  fill(
    "balances",
    state.halo.tokens.map((token) => balanceRow(token, state.halo.balances[token.currency_id])),
  );
  const wanted = document.querySelector("[aria-current]");
  if (wanted && !scrolled) {
    wanted.scrollIntoView({ block: "center" });
    scrolled = true;
  }
  if (focused) {
    const again = [...document.querySelectorAll("button")];
    again.find((made) => made.dataset.key === focused)?.focus();
  }
}

async function refresh() {
  try {
    const response = await fetch("/sandbox/state");
    const state = await response.json();
    const { halo, url } = state;
    const next = JSON.stringify({ halo, url });
    if (next !== shown) {
      show(state);
      shown = next;
    }
  } catch (error) {
    say(`The sandbox does not answer: ${error.message}`);
  }
}

window.addEventListener("hashchange", () => {
  shown = "";
  scrolled = false;
  refresh();
});
refresh();
setInterval(refresh, REFRESH_MILLISECONDS);

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
  add("Overpay", "pay", { amount: overpayment(order.remaining) }, `Paid more than ${name} asks.`);
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
function overpayment(remaining) {
  const [whole, fraction] = remaining.split(".");
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

function invoiceRow(assets, invoice) {
  const row = element("tr");
  const id = invoice.invoice_id;
  row.id = id;
  if (location.hash === `#${id}`) row.setAttribute("aria-current", "true");
  const to = invoice.destination;
  const exceptional = invoice.error_status === "None" ? "" : invoice.error_status;
  const due = to ? `${to.pay_amount} ${to.asset.symbol}` : "not chosen yet";
  row.append(
    cell(
      invoice.order_id,
      element("small", `${id} (${invoice.generation})`),
      element("code", to ? to.address : ""),
    ),
    cell(invoice.status, element("small", exceptional)),
    figure(`${invoice.price_amount} ${invoice.price_currency}`),
    cell(due, element("small", to ? to.asset.network : "")),
    figure(invoice.paid_amount),
    cell(new Date(invoice.expiration_time).toLocaleTimeString()),
    cell(...(to ? payerActions(invoice) : coinChoices(assets, invoice))),
  );
  return row;
}

function coinChoices(assets, invoice) {
  if (invoice.status !== "New") return [];
  const path = `/sandbox/invoices/${encodeURIComponent(invoice.invoice_id)}/choose`;
  const fitting = assets.filter(
    ({ symbol }) => invoice.pay_currency === null || symbol === invoice.pay_currency,
  );
  return fitting.map(({ symbol, network }) => {
    const label = `${symbol} on ${network}`;
    const members = { pay_currency: symbol, network };
    const name = `${invoice.order_id} ${invoice.invoice_id}`;
    return button(label, name, path, members, `Chose ${label} for ${invoice.order_id}.`);
  });
}

function payerActions(invoice) {
  const path = `/sandbox/invoices/${encodeURIComponent(invoice.invoice_id)}`;
  const name = invoice.order_id;
  const actions = [];
  const add = (label, step, members, done) =>
    actions.push(button(label, `${name} ${invoice.invoice_id}`, `${path}/${step}`, members, done));
  if (invoice.half !== null) add("Pay half", "pay", { amount: invoice.half }, `Paid half of ${name}.`);
  if (invoice.remaining !== "0") add("Pay rest", "pay", {}, `Paid the rest of ${name}.`);
  add("Overpay", "pay", { amount: overpayment(invoice.remaining) }, `Paid more than ${name} asks.`);
  if (invoice.transactions.length > 0) add("Confirm", "confirm", {}, `Confirmed ${name} once.`);
  if (["Paid", "Confirmed", "Invalid"].includes(invoice.status)) {
    add("Complete", "complete", {}, `Completed ${name}.`);
  }
  if (invoice.status === "Paid") add("Invalidate", "invalidate", {}, `Let ${name} fail to confirm.`);
  if (invoice.status === "New") add("Expire", "expire", {}, `Let ${name} expire.`);
  return actions;
}

function unipaymentPayoutRow(payout) {
  const row = element("tr");
  row.id = payout.id;
  const path = `/sandbox/payouts/${encodeURIComponent(payout.id)}`;
  const steps = payout.kind === "batch" ? ["advance"] : ["advance", "reject", "fail", "cancel"];
  const actions = payout.is_final
    ? []
    : steps.map((step) => {
        const label = step[0].toUpperCase() + step.slice(1);
        return button(label, payout.id, `${path}/${step}`, {}, `${label}: ${payout.id}.`);
      });
  row.append(
    cell(element("code", payout.id), element("small", payout.kind)),
    cell(payout.status_word),
    figure(`${payout.amount} ${payout.asset_type}`),
    figure(payout.fee),
    cell(element("code", payout.destination ?? payout.items.map((item) => item.address).join(" "))),
    cell(...actions),
  );
  return row;
}

function unipaymentBalanceRow([symbol, balance]) {
  const row = element("tr");
  row.append(cell(symbol), figure(balance.total), figure(balance.frozen));
  return row;
}

function showUnipayment(state) {
  byId("unipayment-app-id").textContent = state.app_id;
  byId("client-id").textContent = state.client_id;
  fill("invoices", state.invoices.map((invoice) => invoiceRow(state.assets, invoice)).reverse());
  fill("unipayment-payouts", state.payouts.map(unipaymentPayoutRow).reverse());
  fill("unipayment-balances", Object.entries(state.balances).map(unipaymentBalanceRow));
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
  showUnipayment(state.unipayment);
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
    const { halo, unipayment, url } = state;
    const next = JSON.stringify({ halo, unipayment, url });
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

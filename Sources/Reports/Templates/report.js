// Shows what the picker says: the pictures of one problem, and its rows of the tables.
const picker = document.getElementById("view");
const charts = {};

const draw = (id, view, make, colors) => {
  const figure = document.getElementById(id);
  charts[id]?.destroy();
  delete charts[id];
  const chart = make(view, colors);
  figure.hidden = !chart;
  if (!chart) return;
  const box = figure.querySelector(".canvas");
  const canvas = figure.querySelector("canvas");
  const alt = `${figure.querySelector("h3").textContent}: ${view.name}. ${data.alternative}`;
  canvas.setAttribute("aria-label", alt);
  canvas.textContent = alt;
  box.style.height = `${chart.height(box.clientWidth)}px`;
  charts[id] = new Chart(canvas, chart.config);
};

const show = () => {
  const view = data.views[Number(picker.value) || 0];
  if (!view) return;
  for (const part of document.querySelectorAll("[data-view]")) {
    part.hidden = view.group !== undefined && part.dataset.view !== String(view.group);
  }
  if (typeof Chart === "undefined") return;
  const colors = palette();
  Chart.defaults.font.family = colors.sans;
  draw("roofline", view, roofline, colors);
  draw("speedup", view, speedup, colors);
  draw("spread", view, spread, colors);
};

picker.addEventListener("change", show);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", show);
// Paper is white: draw again in the light colours, and back.
const theme = document.documentElement.dataset.theme;
addEventListener("beforeprint", () => {
  document.documentElement.dataset.theme = "light";
  show();
});
addEventListener("afterprint", () => {
  if (theme) document.documentElement.dataset.theme = theme;
  else delete document.documentElement.dataset.theme;
  show();
});
show();

// The power curve: rate of "slower" over the share of extra work, with its exact bounds.
(() => {
  "use strict";
  const figure = document.getElementById("power");
  if (typeof Chart === "undefined" || figure.hidden) return;
  const points = JSON.parse(document.getElementById("data").textContent);
  const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const bars = {
    id: "bars",
    afterDatasetsDraw(chart) {
      const { ctx, scales } = chart;
      ctx.save();
      ctx.strokeStyle = token("--accent");
      ctx.lineWidth = 1.5;
      for (const point of points) {
        const x = scales.x.getPixelForValue(point.percent);
        ctx.beginPath();
        ctx.moveTo(x, scales.y.getPixelForValue(100 * point.low));
        ctx.lineTo(x, scales.y.getPixelForValue(100 * point.high));
        ctx.stroke();
      }
      ctx.restore();
    },
  };
  const axis = (text) => ({
    title: { display: true, text, color: token("--quiet") },
    ticks: { color: token("--quiet") },
    grid: { color: token("--line") },
  });
  new Chart(figure.querySelector("canvas"), {
    type: "line",
    data: {
      datasets: [{
        data: points.map((point) => ({ x: point.percent, y: 100 * point.rate })),
        borderColor: token("--accent"),
        backgroundColor: token("--accent"),
        pointRadius: 4,
        borderWidth: 2,
      }],
    },
    options: {
      animation: false,
      maintainAspectRatio: false,
      plugins: { legend: { display: false } },
      scales: {
        x: { type: "linear", ...axis("more work in the head, %") },
        y: { min: 0, max: 100, ...axis("called slower, %") },
      },
    },
    plugins: [bars],
  });
})();

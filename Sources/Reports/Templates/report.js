// Draws the three pictures from the numbers in #data. Text that stands for a number is never made here: it comes with
// the data, or is read from the row of the results table that the same measurement has (#m<number>).
(() => {
  "use strict";
  const data = JSON.parse(document.getElementById("data").textContent);
  const picker = document.getElementById("view");
  const places = new Map(data.series.map((series, place) => [series.i, place]));
  const shapes = { reference: "rect", simd: "circle", fused: "triangle", blas: "rectRot" };
  const charts = {};
  const rowHeight = 44;

  const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
  const palette = () => Object.fromEntries(
    ["surface", "ink", "quiet", "line", "line-strong", "reference", "simd", "fused", "blas", "sans"]
      .map((name) => [name, token(name)]));
  const kindOf = (measurement) => data.series[places.get(measurement)].kind;
  const faded = (color) => `${color}${color.length === 7 ? "66" : ""}`;

  /// The texts of a measurement's row, under the heads of their columns.
  const texts = (measurement) => {
    const row = document.getElementById(`m${measurement}`);
    if (!row) return [];
    const heads = row.closest("table").tHead.rows[0].cells;
    return [...row.cells].slice(2)
      .map((cell, place) => `${heads[place + 2].textContent.trim()}: ${cell.textContent.trim()}`)
      .filter((text) => !text.endsWith("–"));
  };

  /// `text` shortened in its middle until it is at most `width` wide.
  const fitted = (context, text, width) => {
    if (context.measureText(text).width <= width) return text;
    let keep = text.length - 1;
    while (keep > 2) {
      const head = Math.ceil(keep / 2);
      const short = `${text.slice(0, head)}…${text.slice(text.length - (keep - head))}`;
      if (context.measureText(short).width <= width) return short;
      keep -= 1;
    }
    return "…";
  };

  const axis = (spec, colors, extra = {}) => ({
    min: spec.min,
    max: spec.max,
    title: { display: true, text: spec.title, color: colors.quiet, font: { size: 12 } },
    grid: { color: colors.line, borderColor: colors["line-strong"], tickColor: colors.line },
    afterBuildTicks: (scale) => { scale.ticks = spec.ticks.map((tick) => ({ value: tick.v })); },
    ticks: {
      color: colors.quiet, autoSkip: true, autoSkipPadding: 10, maxRotation: 0, font: { size: 11 },
      callback: (value) => {
        const tick = spec.ticks.find((each) => Math.abs(each.v - value) <= Math.abs(each.v) * 1e-6 + 1e-12);
        return tick ? tick.t : "";
      },
    },
    ...extra,
  });

  const rows = (count) => ({
    type: "linear", min: -0.5, max: count - 0.5, reverse: true, display: false,
  });

  const tooltip = (colors, callbacks) => ({
    backgroundColor: colors.ink, titleColor: colors.surface, bodyColor: colors.surface, displayColors: false,
    padding: 10, cornerRadius: 6, callbacks,
  });

  const common = (colors, plugins) => ({
    responsive: true, maintainAspectRatio: false, animation: false,
    interaction: { mode: "nearest", intersect: true },
    plugins: { legend: { display: false }, ...plugins },
  });

  /// A name at the left and a text at the right above each row, so that names cost the picture no width.
  const rowLabels = (labels, colors) => ({
    id: "rowLabels",
    afterDatasetsDraw(chart) {
      const { ctx, chartArea, scales } = chart;
      ctx.save();
      ctx.textBaseline = "alphabetic";
      labels.forEach((label, place) => {
        const y = scales.y.getPixelForValue(place) - 5;
        ctx.textAlign = "right";
        ctx.font = `12px ${colors.sans}`;
        ctx.fillStyle = colors.quiet;
        ctx.fillText(label.text, chartArea.right, y);
        const room = chartArea.right - chartArea.left - ctx.measureText(label.text).width - 12;
        ctx.textAlign = "left";
        ctx.font = `600 12px ${colors.sans}`;
        ctx.fillStyle = colors.ink;
        ctx.fillText(fitted(ctx, label.name, room), chartArea.left, y);
      });
      ctx.restore();
    },
  });

  const boxesMeet = (a, b) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;

  /// Names along the roofs and beside the points. A name that would lie on another is moved, or left to the tooltip.
  const rooflineLabels = (spec, colors) => ({
    id: "rooflineLabels",
    afterDatasetsDraw(chart) {
      const { ctx, chartArea, scales } = chart;
      const at = (x, y) => [scales.x.getPixelForValue(x), scales.y.getPixelForValue(y)];
      const taken = spec.points.map((point) => {
        const [x, y] = at(point.x, point.y);
        return { left: x - 7, right: x + 7, top: y - 7, bottom: y + 7 };
      });
      ctx.save();
      ctx.font = `600 11px ${colors.sans}`;
      ctx.textBaseline = "middle";
      const named = spec.labelled ? spec.points.map((point) => ({ point, at: at(point.x, point.y) })) : [];
      named.sort((a, b) => a.at[1] - b.at[1]);
      const step = 14;
      const onRight = named.length === 0 || named[0].at[0] < (chartArea.left + chartArea.right) / 2;
      const room = onRight ? chartArea.right - named[0]?.at[0] - 26 : named[0]?.at[0] - chartArea.left - 26;
      // From the top down, each at least a line below the one before; then from the bottom up, back into the picture.
      named.forEach((name, place) => {
        name.y = Math.max(name.at[1], place ? named[place - 1].y + step : chartArea.top + step);
      });
      for (let place = named.length - 1; place >= 0; place -= 1) {
        const limit = place === named.length - 1 ? chartArea.bottom - step : named[place + 1].y - step;
        named[place].y = Math.min(named[place].y, limit);
      }
      named.forEach((name) => {
        const text = fitted(ctx, name.point.label, Math.min(room, 220));
        const width = ctx.measureText(text).width;
        const x = onRight ? name.at[0] + 20 : name.at[0] - 20;
        const left = onRight ? x : x - width;
        ctx.strokeStyle = colors["line-strong"];
        ctx.lineWidth = 1;
        ctx.beginPath();
        ctx.moveTo(name.at[0] + (onRight ? 7 : -7), name.at[1]);
        ctx.lineTo(x - (onRight ? 3 : -3), name.y);
        ctx.stroke();
        ctx.lineWidth = 4;
        ctx.strokeStyle = colors.surface;
        ctx.lineJoin = "round";
        ctx.textAlign = "left";
        ctx.strokeText(text, left, name.y);
        ctx.fillStyle = colors[kindOf(name.point.i)] || colors.ink;
        ctx.fillText(text, left, name.y);
        taken.push({ left: left - 4, right: left + width + 4, top: name.y - 7, bottom: name.y + 7 });
      });
      ctx.font = `11px ${colors.sans}`;
      ctx.fillStyle = colors.quiet;
      ctx.strokeStyle = colors.surface;
      ctx.lineWidth = 4;
      for (const roof of spec.roofs) {
        const from = at(...roof.from);
        const to = at(...roof.to);
        const length = Math.hypot(to[0] - from[0], to[1] - from[1]);
        const angle = Math.atan2(to[1] - from[1], to[0] - from[0]);
        const text = fitted(ctx, roof.name, Math.max(40, length - 16));
        const width = ctx.measureText(text).width;
        const spots = roof.kind === "compute" ? [length - width - 6, (length - width) / 2, 6] : [12, length / 3, length / 2];
        const spot = spots.find((offset) => {
          if (offset < 4 || offset + width > length) return false;
          const boxes = [0, 0.2, 0.4, 0.6, 0.8, 1].map((share) => {
            const along = offset + share * width;
            const x = from[0] + Math.cos(angle) * along + Math.sin(angle) * 8;
            const y = from[1] + Math.sin(angle) * along - Math.cos(angle) * 8;
            return { left: x - 7, right: x + 7, top: y - 6, bottom: y + 6 };
          });
          const inside = boxes.every((box) => box.top > chartArea.top - 4 && box.right < chartArea.right + 8);
          if (!inside || boxes.some((box) => taken.some((other) => boxesMeet(box, other)))) return false;
          taken.push(...boxes);
          return true;
        });
        if (spot === undefined) continue;
        ctx.save();
        ctx.translate(...from);
        ctx.rotate(angle);
        ctx.textAlign = "left";
        ctx.strokeText(text, spot, -8);
        ctx.fillText(text, spot, -8);
        ctx.restore();
      }
      ctx.restore();
    },
  });

  const roofline = (spec, colors) => {
    const roofs = spec.roofs.map((roof) => ({
      type: "line", label: roof.name, roof: true,
      data: [{ x: roof.from[0], y: roof.from[1] }, { x: roof.to[0], y: roof.to[1] }],
      borderColor: roof.kind === "compute" ? colors.quiet : colors["line-strong"], borderWidth: 1.5, pointRadius: 0,
      pointHitRadius: 0, order: 2,
    }));
    const kinds = [...new Set(spec.points.map((point) => kindOf(point.i)))];
    const points = kinds.map((kind) => ({
      type: "scatter", label: kind, order: 1,
      data: spec.points.filter((point) => kindOf(point.i) === kind),
      pointStyle: shapes[kind] || "circle", pointRadius: 6, pointHoverRadius: 8,
      backgroundColor: colors[kind] || colors.ink, borderColor: colors.surface, borderWidth: 1.5,
    }));
    return {
      height: (width) => Math.max(360, Math.min(520, width * 0.55)),
      config: {
        type: "scatter",
        data: { datasets: [...points, ...roofs] },
        options: {
          ...common(colors, {
            tooltip: tooltip(colors, {
              title: (items) => items.map((item) => item.raw.label || item.dataset.label),
              label: (item) => (item.dataset.roof ? "" : texts(item.raw.i)),
            }),
          }),
          scales: {
            x: axis(spec.x, colors, { type: "logarithmic" }), y: axis(spec.y, colors, { type: "logarithmic" }),
          },
        },
        plugins: [rooflineLabels(spec, colors)],
      },
    };
  };

  /// The interval of each bar, and the line at one.
  const whiskers = (bars, colors) => ({
    id: "whiskers",
    beforeDatasetsDraw({ ctx, chartArea, scales }) {
      const x = scales.x.getPixelForValue(1);
      ctx.save();
      ctx.strokeStyle = colors.quiet;
      ctx.setLineDash([3, 3]);
      ctx.beginPath();
      ctx.moveTo(x, chartArea.top);
      ctx.lineTo(x, chartArea.bottom);
      ctx.stroke();
      ctx.restore();
    },
    afterDatasetsDraw({ ctx, scales }) {
      ctx.save();
      ctx.strokeStyle = colors.ink;
      ctx.lineWidth = 1.5;
      bars.forEach((bar, place) => {
        const y = scales.y.getPixelForValue(place) + 10;
        const [low, high] = [bar.low, bar.high].map((value) => scales.x.getPixelForValue(value));
        ctx.beginPath();
        ctx.moveTo(low, y);
        ctx.lineTo(high, y);
        for (const end of [low, high]) {
          ctx.moveTo(end, y - 4);
          ctx.lineTo(end, y + 4);
        }
        ctx.stroke();
      });
      ctx.restore();
    },
  });

  /// The bars themselves, from one to the ratio: below the row's label, which a bar of Chart.js would cover.
  const bodies = (bars, colors) => ({
    id: "bodies",
    beforeDatasetsDraw({ ctx, scales }) {
      ctx.save();
      bars.forEach((bar, place) => {
        const y = scales.y.getPixelForValue(place) + 10;
        const [one, end] = [1, bar.ratio].map((value) => scales.x.getPixelForValue(value));
        ctx.fillStyle = faded(colors[kindOf(bar.i)] || colors.ink);
        ctx.fillRect(Math.min(one, end), y - 6, Math.abs(end - one), 12);
      });
      ctx.restore();
    },
  });

  const speedup = (spec, colors) => ({
    height: () => spec.bars.length * rowHeight + 64,
    config: {
      type: "scatter",
      data: {
        datasets: [{
          data: spec.bars.map((bar, place) => ({ x: bar.ratio, y: place + 10 / rowHeight, bar })),
          pointStyle: spec.bars.map((bar) => shapes[kindOf(bar.i)] || "circle"),
          pointRadius: 5, pointHoverRadius: 7, pointHitRadius: 8,
          backgroundColor: spec.bars.map((bar) => colors[kindOf(bar.i)] || colors.ink), borderColor: colors.surface,
        }],
      },
      options: {
        ...common(colors, {
          tooltip: tooltip(colors, {
            title: (items) => items.map((item) => item.raw.bar.label),
            label: (item) => texts(item.raw.bar.i),
          }),
        }),
        scales: { x: axis(spec.x, colors, { type: "logarithmic" }), y: rows(spec.bars.length) },
      },
      plugins: [
        bodies(spec.bars, colors), whiskers(spec.bars, colors),
        rowLabels(spec.bars.map((bar) => ({ name: bar.label, text: bar.text })), colors),
      ],
    },
  });

  /// Dots of one row, apart from each other by their order alone: the same picture at every drawing.
  const dots = (strip, place, spec) => data.series[strip.s].samples.map((sample, order) => ({
    x: Math.max(spec.x.min, Math.min(spec.x.max, sample)),
    y: place + (10 + ((order * 0.618034) % 1 - 0.5) * 15) / rowHeight,
    outside: sample < spec.x.min || sample > spec.x.max,
    strip,
  }));

  const medians = (spec, colors) => ({
    id: "medians",
    afterDatasetsDraw({ ctx, scales }) {
      ctx.save();
      spec.strips.forEach((strip, place) => {
        const series = data.series[strip.s];
        const y = scales.y.getPixelForValue(place) + 10;
        const [low, high] = [series.low, series.high].map((value) => scales.x.getPixelForValue(value));
        const center = scales.x.getPixelForValue(0);
        ctx.fillStyle = faded(colors.ink);
        ctx.fillRect(low, y - 3, Math.max(1, high - low), 6);
        ctx.fillStyle = colors.ink;
        ctx.fillRect(center - 1, y - 9, 2, 18);
      });
      ctx.restore();
    },
  });

  const spread = (spec, colors) => ({
    height: () => spec.strips.length * rowHeight + 64,
    config: {
      type: "scatter",
      data: {
        datasets: spec.strips.map((strip, place) => {
          const points = dots(strip, place, spec);
          const color = colors[data.series[strip.s].kind] || colors.ink;
          return {
            data: points, backgroundColor: points.map((point) => (point.outside ? "transparent" : faded(color))),
            borderColor: points.map((point) => (point.outside ? color : "transparent")), borderWidth: 1.5,
            pointRadius: 3, pointHoverRadius: 5, pointHitRadius: 4,
          };
        }),
      },
      options: {
        ...common(colors, {
          tooltip: tooltip(colors, {
            title: (items) => items.slice(0, 1).map((item) => item.raw.strip.label),
            label: (item) => [data.series[item.raw.strip.s].text, item.raw.strip.beyond].filter(Boolean),
          }),
        }),
        layout: { padding: { right: 4 } },
        scales: { x: axis(spec.x, colors, { type: "linear" }), y: rows(spec.strips.length) },
      },
      plugins: [
        medians(spec, colors),
        rowLabels(spec.strips.map((strip) => ({
          name: strip.label, text: strip.beyond || data.series[strip.s].text,
        })), colors),
      ],
    },
  });

  const draw = (id, spec, make, colors) => {
    const figure = document.getElementById(id);
    charts[id]?.destroy();
    delete charts[id];
    figure.hidden = !spec;
    if (!spec) return;
    const box = figure.querySelector(".canvas");
    const canvas = figure.querySelector("canvas");
    canvas.setAttribute("aria-label", spec.alt);
    canvas.textContent = spec.alt;
    const chart = make(spec, colors);
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
    draw("roofline", view.roofline.points.length || view.roofline.roofs.length ? view.roofline : undefined, roofline, colors);
    draw("speedup", view.speedup, speedup, colors);
    draw("spread", view.spread, spread, colors);
  };

  picker.addEventListener("change", show);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", show);
  // Paper is white: draw again in the light colours, and back.
  addEventListener("beforeprint", () => {
    document.documentElement.dataset.theme = "light";
    show();
  });
  addEventListener("afterprint", () => {
    delete document.documentElement.dataset.theme;
    show();
  });
  show();
})();

// Draws the three pictures from the numbers in #data. Text that stands for a number is never made here: it comes with
// the data, or is read from the row of the results table that the same measurement has (#m<number>).
(() => {
  "use strict";
  const data = JSON.parse(document.getElementById("data").textContent);
  const picker = document.getElementById("view");
  const shapes = { reference: "rect", simd: "circle", fused: "triangle", blas: "rectRot" };
  const charts = {};
  const rowHeight = 44;

  const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
  const palette = () => Object.fromEntries(
    ["surface", "ink", "quiet", "line", "line-strong", "reference", "simd", "fused", "blas", "sans"]
      .map((name) => [name, token(name)]));
  const faded = (color) => `${color}${color.length === 7 ? "66" : ""}`;

  // The results table has a row for every series: its texts are what the charts say.
  const rows = data.series.map((series) => document.getElementById(`m${series.i}`));
  const cell = (place, column) => rows[place].cells[data.columns[column]].textContent.trim();
  const kindOf = (place) => cell(place, "kind");
  const problemOf = (place) => rows[place].closest("tbody").querySelector("b").textContent;
  const texts = (place) => Object.keys(data.columns)
    .filter((column) => column !== "variant" && column !== "kind")
    .sort((a, b) => data.columns[a] - data.columns[b])
    .map((column) => [column, cell(place, column)])
    .filter(([, text]) => text !== "–")
    .map(([column, text]) => `${column}: ${text}`);

  /// What a row of a chart is called: in an overview the problem, else the variant.
  const nameOf = (view, place) => (view.group === undefined ? problemOf(place) : cell(place, "variant"));

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

  const lanes = (count) => ({
    type: "linear", min: -0.5, max: count - 0.4, reverse: true, display: false,
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
      const write = (text, x, y, color) => {
        const room = ctx.measureText(text).width;
        ctx.fillStyle = colors.surface;
        ctx.fillRect((ctx.textAlign === "right" ? x - room : x) - 2, y - 11, room + 4, 14);
        ctx.fillStyle = color;
        ctx.fillText(text, x, y);
      };
      const bold = `600 12px ${colors.sans}`;
      const plain = `12px ${colors.sans}`;
      const width = chartArea.right - chartArea.left;
      labels.forEach((label, lane) => {
        const y = scales.y.getPixelForValue(lane) - 5;
        ctx.font = bold;
        const nameWidth = ctx.measureText(label.name).width;
        ctx.font = plain;
        const text = nameWidth + ctx.measureText(label.text).width + 12 > width && label.short ? label.short : label.text;
        ctx.textAlign = "right";
        write(text, chartArea.right, y, colors.quiet);
        const room = width - ctx.measureText(text).width - 12;
        ctx.textAlign = "left";
        ctx.font = bold;
        write(fitted(ctx, label.name, room), chartArea.left, y, colors.ink);
      });
      ctx.restore();
    },
  });

  const boxesMeet = (a, b) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;

  /// Names along the roofs and beside the points. A name that would lie on another is moved, or left to the tooltip.
  const rooflineLabels = (spec, points, stacked, colors) => ({
    id: "rooflineLabels",
    afterDatasetsDraw(chart) {
      const { ctx, chartArea, scales } = chart;
      const at = (x, y) => [scales.x.getPixelForValue(x), scales.y.getPixelForValue(y)];
      const taken = points.map((point) => {
        const [x, y] = at(point.x, point.y);
        return { left: x - 7, right: x + 7, top: y - 7, bottom: y + 7 };
      });
      ctx.save();
      ctx.font = `600 11px ${colors.sans}`;
      ctx.textBaseline = "middle";
      const write = (point, left, y, text) => {
        const width = ctx.measureText(text).width;
        ctx.lineWidth = 4;
        ctx.strokeStyle = colors.surface;
        ctx.lineJoin = "round";
        ctx.textAlign = "left";
        ctx.strokeText(text, left, y);
        ctx.fillStyle = colors[kindOf(point.place)] || colors.ink;
        ctx.fillText(text, left, y);
        taken.push({ left: left - 4, right: left + width + 4, top: y - 7, bottom: y + 7 });
      };
      if (stacked) {
        // All points have one problem's operations per byte: their names make a column beside them.
        const names = points.map((point) => ({ point, at: at(point.x, point.y) })).sort((a, b) => a.at[1] - b.at[1]);
        const step = 14;
        const onRight = names.length === 0 || names[0].at[0] < (chartArea.left + chartArea.right) / 2;
        const room = onRight ? chartArea.right - names[0]?.at[0] - 26 : names[0]?.at[0] - chartArea.left - 26;
        // From the top down, each at least a line below the one before; then from the bottom up, back into the picture.
        names.forEach((name, place) => {
          name.y = Math.max(name.at[1], place ? names[place - 1].y + step : chartArea.top + step);
        });
        for (let place = names.length - 1; place >= 0; place -= 1) {
          const limit = place === names.length - 1 ? chartArea.bottom - step : names[place + 1].y - step;
          names[place].y = Math.min(names[place].y, limit);
        }
        for (const name of names) {
          const text = fitted(ctx, name.point.label, Math.min(room, 220));
          const x = name.at[0] + (onRight ? 20 : -20);
          ctx.strokeStyle = colors["line-strong"];
          ctx.lineWidth = 1;
          ctx.beginPath();
          ctx.moveTo(name.at[0] + (onRight ? 7 : -7), name.at[1]);
          ctx.lineTo(x + (onRight ? -3 : 3), name.y);
          ctx.stroke();
          write(name.point, onRight ? x : x - ctx.measureText(text).width, name.y, text);
        }
      } else if (chartArea.right - chartArea.left > 560) {
        for (const point of points) {
          const [x, y] = at(point.x, point.y);
          const width = ctx.measureText(point.label).width;
          const spot = [[x - width / 2, y + 17], [x - width / 2, y - 17], [x + 11, y], [x - 11 - width, y]]
            .find(([left, middle]) => {
              const box = { left: left - 2, right: left + width + 2, top: middle - 7, bottom: middle + 7 };
              return box.left > chartArea.left && box.right < chartArea.right && box.bottom < chartArea.bottom
                && !taken.some((other) => boxesMeet(box, other));
            });
          if (spot) write(point, spot[0], spot[1], point.label);
        }
      }
      ctx.font = `11px ${colors.sans}`;
      ctx.fillStyle = colors.quiet;
      ctx.strokeStyle = colors.surface;
      ctx.lineWidth = 4;
      for (const roof of spec.roofs) {
        const from = at(...roof.from);
        const to = at(...roof.to);
        const length = Math.hypot(to[0] - from[0], to[1] - from[1]);
        const angle = Math.atan2(to[1] - from[1], to[0] - from[0]);
        const text = roof.name;
        const width = ctx.measureText(text).width;
        const isFlat = roof.kind === "compute";
        const spots = isFlat ? [length - width - 6, (length - width) / 2, 6] : [12, length / 3, length / 2];
        const spot = spots.find((offset) => {
          // A flat roof's name may begin left of its corner; a slanted one's stays on its line.
          if (offset + width > length || (!isFlat && offset < 4)) return false;
          const boxes = [0, 0.2, 0.4, 0.6, 0.8, 1].map((share) => {
            const along = offset + share * width;
            const x = from[0] + Math.cos(angle) * along + Math.sin(angle) * 8;
            const y = from[1] + Math.sin(angle) * along - Math.cos(angle) * 8;
            return { left: x - 7, right: x + 7, top: y - 6, bottom: y + 6 };
          });
          const inside = boxes.every((box) => box.top > chartArea.top - 10 && box.left > chartArea.left - 6
            && box.right < chartArea.right + 8);
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

  const roofline = (view, colors) => {
    const spec = data.rooflines[view.roofline];
    const isOverview = view.group === undefined;
    const points = view.members.filter((place) => data.series[place].x !== undefined).map((place) => ({
      x: data.series[place].x, y: data.series[place].y, place,
      label: nameOf(view, place),
    }));
    const roofs = spec.roofs.map((roof) => ({
      type: "line", label: roof.name,
      data: [{ x: roof.from[0], y: roof.from[1] }, { x: roof.to[0], y: roof.to[1] }],
      borderColor: roof.kind === "compute" ? colors.quiet : colors["line-strong"], borderWidth: 1.5, pointRadius: 0,
      pointHitRadius: 0, pointHoverRadius: 0, order: 2,
    }));
    const kinds = [...new Set(points.map((point) => kindOf(point.place)))];
    const dots = kinds.map((kind) => ({
      type: "scatter", label: kind, order: 1,
      data: points.filter((point) => kindOf(point.place) === kind),
      pointStyle: shapes[kind] || "circle", pointRadius: kind === "fused" ? 7 : 6, pointHoverRadius: 8,
      backgroundColor: colors[kind] || colors.ink, borderColor: colors.surface, borderWidth: 1.5,
    }));
    return {
      alt: "Roofline",
      height: (width) => Math.max(380, Math.min(540, width * 0.5)),
      config: {
        type: "scatter",
        data: { datasets: [...dots, ...roofs] },
        options: {
          ...common(colors, {
            tooltip: tooltip(colors, {
              title: (items) => items.map((item) => item.raw.label),
              label: (item) => [...(isOverview ? [cell(item.raw.place, "variant")] : []), ...texts(item.raw.place)],
            }),
          }),
          scales: {
            x: axis(spec.x, colors, { type: "logarithmic" }), y: axis(spec.y, colors, { type: "logarithmic" }),
          },
        },
        plugins: [rooflineLabels(spec, points, !isOverview, colors)],
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
        ctx.fillStyle = faded(colors[kindOf(bar.place)] || colors.ink);
        ctx.fillRect(Math.min(one, end), y - 6, Math.abs(end - one), 12);
      });
      ctx.restore();
    },
  });

  const speedup = (view, colors) => {
    if (!view.against) return undefined;
    const column = view.against === "blas" ? "vs BLAS" : "vs reference";
    const bars = view.members.filter((place) => data.series[place][view.against]).map((place) => {
      const [ratio, low, high] = data.series[place][view.against];
      return { place, ratio, low, high, label: nameOf(view, place), text: cell(place, column) };
    });
    const shown = (bar) => colors[kindOf(bar.place)] || colors.ink;
    return {
      alt: "Speed-up",
      height: () => bars.length * rowHeight + 64,
      config: {
        type: "scatter",
        data: {
          datasets: [{
            data: bars.map((bar, lane) => ({ x: bar.ratio, y: lane + 10 / rowHeight, bar })),
            pointStyle: bars.map((bar) => shapes[kindOf(bar.place)] || "circle"),
            pointRadius: 5, pointHoverRadius: 7, pointHitRadius: 8,
            backgroundColor: bars.map(shown), borderColor: colors.surface,
          }],
        },
        options: {
          ...common(colors, {
            tooltip: tooltip(colors, {
              title: (items) => items.map((item) => item.raw.bar.label),
              label: (item) => texts(item.raw.bar.place),
            }),
          }),
          scales: { x: axis(data.axes[view.speedup], colors, { type: "logarithmic" }), y: lanes(bars.length) },
        },
        plugins: [
          bodies(bars, colors), whiskers(bars, colors),
          rowLabels(bars.map((bar) => ({ name: bar.label, text: bar.text })), colors),
        ],
      },
    };
  };

  /// Dots of one row, apart from each other by their order alone: the same picture at every drawing.
  const dots = (strip, lane, spec) => data.series[strip.place].samples.map((sample, order) => ({
    x: Math.max(spec.min, Math.min(spec.max, sample)),
    y: lane + (10 + ((order * 0.618034) % 1 - 0.5) * 15) / rowHeight,
    outside: sample < spec.min || sample > spec.max,
    strip,
  }));

  const medians = (strips, colors) => ({
    id: "medians",
    afterDatasetsDraw({ ctx, scales }) {
      ctx.save();
      strips.forEach((strip, lane) => {
        const series = data.series[strip.place];
        const y = scales.y.getPixelForValue(lane) + 10;
        const [low, high] = [series.low, series.high]
          .map((value) => scales.x.getPixelForValue(Math.max(scales.x.min, Math.min(scales.x.max, value))));
        const center = scales.x.getPixelForValue(0);
        ctx.fillStyle = faded(colors.ink);
        ctx.fillRect(low, y - 3, Math.max(1, high - low), 6);
        ctx.fillStyle = colors.ink;
        ctx.fillRect(center - 1, y - 9, 2, 18);
      });
      ctx.restore();
    },
  });

  const spread = (view, colors) => {
    if (view.spread === undefined) return undefined;
    const spec = data.axes[view.spread];
    const strips = view.members.map((place) => ({
      place, label: nameOf(view, place), beyond: view.beyond[place] || "",
      text: `${cell(place, "median")}, ${data.series[place].count}`,
    }));
    return {
      alt: "Samples",
      height: () => strips.length * rowHeight + 64,
      config: {
        type: "scatter",
        data: {
          datasets: strips.map((strip, lane) => {
            const points = dots(strip, lane, spec);
            const color = colors[kindOf(strip.place)] || colors.ink;
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
              label: (item) => [item.raw.strip.text, item.raw.strip.beyond].filter(Boolean),
            }),
          }),
          layout: { padding: { left: 4, right: 4 } },
          scales: { x: axis(spec, colors, { type: "linear" }), y: lanes(strips.length) },
        },
        plugins: [
          medians(strips, colors),
          rowLabels(strips.map((strip) => ({
            name: strip.label, text: strip.beyond || strip.text, short: strip.beyond || cell(strip.place, "median"),
          })), colors),
        ],
      },
    };
  };

  const draw = (id, view, make, colors) => {
    const figure = document.getElementById(id);
    charts[id]?.destroy();
    delete charts[id];
    const chart = make(view, colors);
    figure.hidden = !chart;
    if (!chart) return;
    const box = figure.querySelector(".canvas");
    const canvas = figure.querySelector("canvas");
    const alt = `${chart.alt}: ${view.name}. The numbers are in the table of results.`;
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

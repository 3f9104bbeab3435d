// Draws the charts of a report: figures of class "chart", whose data is the JSON beside their
// canvas (nasmyth/report/chart.cpp). Colours are those of the style sheet; where the reader's
// colour scheme changes, or the page is printed, all is drawn anew.
(function () {
  "use strict";

  const charts = new Map();  // canvas -> Chart

  const formats = {
    number: (v) => {
      const a = Math.abs(v);
      if (a >= 1e9) return +(v / 1e9).toPrecision(3) + " G";
      if (a >= 1e6) return +(v / 1e6).toPrecision(3) + " M";
      if (a >= 1e4) return +(v / 1e3).toPrecision(3) + " k";
      return String(+v.toPrecision(4));
    },
    percent: (v) => +(100 * v).toFixed(2) + " %",
    seconds: (v) => +v.toPrecision(3) + " s",
  };

  function theme() {
    const style = getComputedStyle(document.documentElement);
    const get = (name) => style.getPropertyValue(name).trim();
    return {
      text: get("--text"),
      muted: get("--muted"),
      grid: get("--line"),
      surface: get("--surface"),
      limit: get("--bad"),
      palette: Array.from({ length: 10 }, (_, i) => get("--c" + i)),
    };
  }

  function translucent(color, part) {
    const n = parseInt(color.slice(1), 16);
    return "rgba(" + [n >> 16 & 255, n >> 8 & 255, n & 255, part].join(",") + ")";
  }

  // A line across the chart and its name: the limits.
  const limitLines = {
    id: "limitLines",
    afterDatasetsDraw(chart, _, options) {
      const horizontal = chart.options.indexAxis === "y";
      const scale = horizontal ? chart.scales.x : chart.scales.y;
      const area = chart.chartArea;
      const context = chart.ctx;
      context.save();
      context.strokeStyle = context.fillStyle = options.color;
      context.lineWidth = 1.5;
      context.setLineDash([6, 4]);
      context.font = "600 11px system-ui, sans-serif";
      for (const limit of options.lines || []) {
        if (limit.value === null || limit.value < scale.min || limit.value > scale.max) continue;
        const at = scale.getPixelForValue(limit.value);
        context.beginPath();
        if (horizontal) {
          context.moveTo(at, area.top);
          context.lineTo(at, area.bottom);
        } else {
          context.moveTo(area.left, at);
          context.lineTo(area.right, at);
        }
        context.stroke();
        const width = context.measureText(limit.name).width + 8;
        const left = horizontal ? at + 4 : area.right - width - 2;
        const top = horizontal ? area.top : at - 17;
        context.fillStyle = options.surface;
        context.fillRect(left, top, width, 14);
        context.fillStyle = options.color;
        context.textAlign = "left";
        context.fillText(limit.name, left + 4, top + 11);
      }
      context.restore();
    },
  };

  function dataset(series, index, spec, colors, points) {
    const color = colors.palette[(series.color ?? index) % colors.palette.length];
    const bar = spec.kind === "bar" || spec.kind === "horizontal_bar" || series.bars;
    const set = {
      label: series.name,
      data: series.values,
      borderColor: color,
      backgroundColor: bar ? translucent(color, 0.85) : color,
    };
    if (bar) return Object.assign(set, {
      type: "bar", borderWidth: 0, borderRadius: 3, maxBarThickness: spec.kind === "bar" ? 28 : 18,
      yAxisID: spec.kind === "horizontal_bar" ? undefined : series.right ? "right" : "y",
    });
    if (spec.kind === "area") return Object.assign(set, {
      type: "line", fill: index === 0 ? "origin" : "-1", backgroundColor: translucent(color, 0.8),
      borderWidth: 0.5, pointRadius: 0, pointHitRadius: 6, tension: 0, yAxisID: "y",
    });
    return Object.assign(set, {
      type: "line", clip: 6, borderWidth: 2, borderDash: series.dashed ? [6, 4] : [], spanGaps: true,
      pointRadius: points <= 30 ? 2.5 : 0, pointHitRadius: 8, tension: 0,
      yAxisID: series.right ? "right" : "y",
    });
  }

  function axis(spec, side, shown, colors) {
    const format = formats[spec.format] || formats.number;
    return {
      display: shown,
      position: side,
      min: spec.minimum,
      max: spec.maximum,
      suggestedMax: spec.suggested,
      title: { display: shown && spec.title !== "", text: spec.title, color: colors.muted },
      grid: { color: colors.grid, drawOnChartArea: side !== "right" },
      border: { display: false },
      ticks: { color: colors.muted, callback: (v) => format(v), maxTicksLimit: 7 },
    };
  }

  function categories(spec, shown, colors) {
    return {
      display: shown,
      offset: spec.kind === "bar" || spec.kind === "horizontal_bar",
      title: { display: shown && spec.x_title !== "", text: spec.x_title, color: colors.muted },
      grid: { display: false },
      border: { color: colors.grid },
      ticks: { color: colors.muted, maxRotation: 0, autoSkip: spec.kind !== "horizontal_bar", autoSkipPadding: 12 },
    };
  }

  // Room for the values and the limits beside them.
  function widen(spec) {
    if (spec.limits.length === 0) return spec.y;
    const values = spec.series.flatMap((s) => s.values).concat(spec.limits.map((l) => l.value));
    const highest = Math.max(...values.filter((v) => v !== null));
    return Object.assign({}, spec.y, { suggested: highest * 1.08 });
  }

  function configuration(spec, colors) {
    const horizontal = spec.kind === "horizontal_bar";
    const area = spec.kind === "area";
    const y = widen(spec);
    const right = spec.series.some((s) => s.right);
    const shown = !spec.small;
    const values = Object.assign(axis(y, horizontal ? "bottom" : "left", shown, colors), { stacked: area });
    const labels = categories(spec, shown, colors);
    const scales = horizontal ? { x: values, y: labels } : { x: labels, y: values };
    if (right) scales.right = axis(spec.right, "right", shown, colors);
    return {
      type: horizontal || spec.kind === "bar" ? "bar" : "line",
      data: {
        labels: spec.labels,
        datasets: spec.series.map((s, i) => dataset(s, i, spec, colors, spec.labels.length)),
      },
      options: {
        animation: false,
        responsive: true,
        maintainAspectRatio: false,
        indexAxis: horizontal ? "y" : "x",
        interaction: { mode: "index", intersect: false, axis: horizontal ? "y" : "x" },
        scales,
        layout: { padding: { top: spec.small ? 0 : 4, right: 4 } },
        plugins: {
          limitLines: { lines: spec.limits, color: colors.limit, surface: colors.surface },
          legend: {
            display: shown && spec.series.length > 1,
            position: "bottom",
            labels: { color: colors.text, boxWidth: 12, boxHeight: 12, useBorderRadius: true, borderRadius: 3 },
          },
          tooltip: {
            callbacks: {
              title: (items) => (spec.x_title ? spec.x_title + " " : "") + items[0].label,
              label: (item) => {
                const s = spec.series[item.datasetIndex];
                const format = formats[(s.right ? spec.right : spec.y).format] || formats.number;
                return " " + s.name + ": " + format(s.values[item.dataIndex]);
              },
            },
          },
        },
      },
      plugins: [limitLines],
    };
  }

  function draw(figure) {
    const canvas = figure.querySelector("canvas");
    if (canvas.clientWidth === 0) return;  // in a part that is folded up
    const spec = JSON.parse(figure.querySelector("script").textContent);
    if (charts.has(canvas)) charts.get(canvas).destroy();
    charts.set(canvas, new Chart(canvas, configuration(spec, theme())));
  }

  function drawAll() {
    document.querySelectorAll("figure.chart").forEach(draw);
  }

  // On paper all is unfolded, and light.
  let folded = [];
  window.addEventListener("beforeprint", () => {
    folded = [...document.querySelectorAll("details:not([open])")];
    folded.forEach((d) => { d.open = true; });
    document.documentElement.classList.add("paper");
    drawAll();
  });
  window.addEventListener("afterprint", () => {
    folded.forEach((d) => { d.open = false; });
    document.documentElement.classList.remove("paper");
    drawAll();
  });
  document.addEventListener("toggle", (event) => {
    if (event.target.open) event.target.querySelectorAll("figure.chart").forEach(draw);
  }, true);
  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAll);

  Chart.defaults.font.family = "system-ui, sans-serif";
  drawAll();
})();

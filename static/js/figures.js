// Draws Plotly figures: each [data-figure-url] is fetched as JSON ({data, layout, config}) when
// it nears the viewport. The library itself is loaded with the first figure, not with the page.
//
// Colours in a figure may name a custom property of tokens.css, as in "var(--td-missed)"; they
// are filled in here, so that one cached figure serves both themes.
"use strict";

(() => {
  const script = document.currentScript;
  const vietnamese = !document.documentElement.lang.startsWith("en");
  const words = vietnamese
    ? {
        drawing: "Đang vẽ biểu đồ…",
        preparing: "Biểu đồ đang được chuẩn bị…",
        failed: "Không tải được biểu đồ. Bảng bên dưới có cùng các con số.",
        again: "Thử lại",
      }
    : {
        drawing: "Drawing the chart…",
        preparing: "The chart is being prepared…",
        failed: "The chart could not be loaded. The table below has the same numbers.",
        again: "Try again",
      };
  const vietnameseTools = {
    "Autoscale": "Tự chỉnh khung",
    "Box Select": "Chọn theo ô",
    "Click to enter X axis title": "Bấm để đặt tên trục X",
    "Click to enter Y axis title": "Bấm để đặt tên trục Y",
    "Click to enter Plot title": "Bấm để đặt tên biểu đồ",
    "Compare data on hover": "So sánh khi rê chuột",
    "Double-click on legend to isolate one trace": "Bấm đúp chú giải để chỉ xem một chuỗi",
    "Double-click to zoom back out": "Bấm đúp để thu về như cũ",
    "Download plot": "Tải biểu đồ",
    "Download plot as a PNG": "Tải biểu đồ dạng PNG",
    "Download plot as a png": "Tải biểu đồ dạng PNG",
    "Lasso Select": "Chọn theo nét vẽ",
    "Pan": "Di chuyển",
    "Reset": "Đặt lại",
    "Reset axes": "Đặt lại trục",
    "Show closest data on hover": "Hiện điểm gần nhất",
    "Snapshot succeeded": "Đã lưu ảnh",
    "Sorry, there was a problem downloading your snapshot!": "Không lưu được ảnh.",
    "Taking snapshot - this may take a few seconds": "Đang lưu ảnh, xin chờ vài giây",
    "Toggle Spike Lines": "Bật, tắt đường dóng",
    "Toggle show closest data on hover": "Bật, tắt điểm gần nhất",
    "Zoom": "Phóng",
    "Zoom in": "Phóng to",
    "Zoom out": "Thu nhỏ",
  };
  const months = Array.from({ length: 12 }, (_, index) => `tháng ${index + 1}`);
  const days = ["Chủ nhật", "Thứ hai", "Thứ ba", "Thứ tư", "Thứ năm", "Thứ sáu", "Thứ bảy"];
  const vietnameseLocale = {
    moduleType: "locale",
    name: "vi",
    dictionary: vietnameseTools,
    format: {
      days,
      shortDays: ["CN", "T2", "T3", "T4", "T5", "T6", "T7"],
      months,
      shortMonths: months.map((_, index) => `Th${index + 1}`),
      date: "%d/%m/%Y",
      decimal: ",",
      thousands: ".",
    },
  };
  const MOST_TRIES = 8;

  let library;
  function loadLibrary() {
    library ??= new Promise((resolve, reject) => {
      // Plotly writes its own rules unless this sheet is there; the policy allows no inline style.
      const sheet = document.createElement("link");
      sheet.rel = "stylesheet";
      sheet.id = "plotly.js-style-global";
      sheet.className = "no-inline-styles";
      sheet.href = script.dataset.plotlyStyle;
      const source = document.createElement("script");
      source.src = script.dataset.plotly;
      source.onload = () => {
        Plotly.register(vietnameseLocale);
        resolve();
      };
      source.onerror = () => {
        library = undefined;
        source.remove();
        sheet.remove();
        reject(new Error("plotly"));
      };
      document.head.append(sheet, source);
    });
    return library;
  }

  function coloured(value, style) {
    if (typeof value === "string") {
      return value.includes("var(--")
        ? value.replace(/var\((--[\w-]+)\)/g, (_, name) => style.getPropertyValue(name).trim())
        : value;
    }
    if (Array.isArray(value)) return value.map((item) => coloured(item, style));
    if (value && typeof value === "object") {
      return Object.fromEntries(
        Object.entries(value).map(([key, item]) => [key, coloured(item, style)]),
      );
    }
    return value;
  }

  function axis(colour) {
    return {
      gridcolor: colour("--td-line"),
      linecolor: colour("--td-edge"),
      zerolinecolor: colour("--td-edge"),
      tickcolor: colour("--td-edge"),
      automargin: true,
    };
  }

  function template(style) {
    const colour = (name) => style.getPropertyValue(name).trim();
    return {
      layout: {
        font: { family: style.fontFamily, size: 13, color: colour("--td-ink") },
        paper_bgcolor: "rgba(0,0,0,0)",
        plot_bgcolor: "rgba(0,0,0,0)",
        colorway: [1, 2, 3, 4].map((step) => colour(`--td-series-${step}`)),
        hoverlabel: {
          bgcolor: colour("--td-paper"),
          bordercolor: colour("--td-edge"),
          font: { family: style.fontFamily, size: 13, color: colour("--td-ink") },
        },
        legend: { orientation: "h", x: 0, y: 1.02, yanchor: "bottom", font: { color: colour("--td-ink") } },
        margin: { l: 56, r: 20, t: 16, b: 44 },
        xaxis: { ...axis(colour), showgrid: false },
        yaxis: axis(colour),
      },
    };
  }

  function draw(plot) {
    const { data, layout = {}, config = {} } = plot.tdFigure;
    const style = getComputedStyle(document.body);
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const { width: _width, ...rest } = coloured(layout, style);
    return Plotly.react(
      plot.tdCanvas,
      coloured(data, style),
      {
        separators: vietnamese ? ",." : ".,",
        ...rest,
        template: template(style),
        autosize: true,
        transition: still ? { duration: 0 } : rest.transition,
      },
      {
        responsive: true,
        displaylogo: false,
        modeBarButtonsToRemove: ["select2d", "lasso2d"],
        locale: vietnamese ? "vi" : "en",
        ...config,
      },
    );
  }

  function state(plot, text, { busy = false, retry = false } = {}) {
    let line = plot.querySelector(".td-plot-state");
    if (!line) {
      line = document.createElement("p");
      line.className = "td-plot-state";
      line.setAttribute("role", "status");
      plot.append(line);
    }
    line.classList.toggle("busy", busy);
    line.replaceChildren(document.createTextNode(text));
    if (retry) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "btn";
      button.textContent = words.again;
      button.addEventListener("click", () => show(plot));
      line.append(button);
    }
  }

  const pause = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

  // 202 means that a worker is still building the figure: ask again, less and less often.
  async function fetchFigure(plot) {
    for (let attempt = 0; attempt < MOST_TRIES; attempt += 1) {
      const response = await fetch(plot.dataset.figureUrl, {
        headers: { Accept: "application/json" },
        credentials: "same-origin",
      });
      if (response.status !== 202) {
        if (!response.ok) throw new Error(`figure: ${response.status}`);
        return response.json();
      }
      state(plot, words.preparing, { busy: true });
      const asked = Number(response.headers.get("Retry-After")) * 1000;
      await pause(asked || Math.min(8000, 500 * 2 ** attempt));
    }
    throw new Error("figure: not ready");
  }

  async function show(plot) {
    state(plot, words.drawing, { busy: true });
    try {
      const [figure] = await Promise.all([fetchFigure(plot), loadLibrary()]);
      plot.tdFigure = figure;
      plot.tdCanvas ??= document.createElement("div");
      plot.tdCanvas.className = "td-canvas";
      plot.tdCanvas.setAttribute("role", "group");
      plot.tdCanvas.setAttribute("aria-label", plot.dataset.figureLabel);
      plot.append(plot.tdCanvas);
      await draw(plot);
      plot.querySelector(".td-plot-state")?.remove();
      plot.dataset.drawn = "yes";
    } catch {
      plot.tdCanvas?.remove();
      plot.tdCanvas = undefined;
      state(plot, words.failed, { retry: true });
    }
  }

  const near = new IntersectionObserver(
    (entries) => {
      for (const entry of entries) {
        if (!entry.isIntersecting) continue;
        near.unobserve(entry.target);
        show(entry.target);
      }
    },
    { rootMargin: "300px" },
  );

  function watch(root) {
    for (const plot of root.querySelectorAll("[data-figure-url]:not([data-watched])")) {
      plot.dataset.watched = "yes";
      state(plot, words.drawing, { busy: true });
      near.observe(plot);
    }
  }

  watch(document);
  document.addEventListener("htmx:load", (event) => watch(event.target));
  document.addEventListener("td:theme", () => {
    for (const plot of document.querySelectorAll("[data-drawn]")) draw(plot);
  });
  // A folded table inside a printed figure would be lost: open it for paper.
  addEventListener("beforeprint", () => {
    for (const numbers of document.querySelectorAll(".td-numbers")) numbers.open = true;
  });
})();

// data_visualization, line charts only: lines with markers over the categories, the first on top, a legend below.
import { useEffect, useRef, useState } from "react";

const COLOURS = [1, 2, 3, 4, 5, 6, 7, 8].map((number) => `var(--series-${number})`);
const [WIDTH, HEIGHT, LEFT, TOP, BOTTOM, RIGHT] = [640, 280, 48, 16, 36, 28];
const LABEL = 56; // width of an axis label

export function Chart({ block }) {
  const [figure, width] = useWidth();
  const { series, axis_config: axis } = block.chart;
  const most = Math.max(...series.flatMap((each) => each.data.map((point) => point.value)), 1);
  const top = niceTop(most, block.chart.type === "bar");
  const step = Math.ceil((axis.categories.length * LABEL) / width);
  const x = (at) => LEFT + ((width - LEFT - RIGHT) * at) / Math.max(1, axis.categories.length - 1);
  const y = (value) => TOP + (HEIGHT - TOP - BOTTOM) * (1 - value / top);
  return (
    <figure className="chart" ref={figure}>
      <figcaption>{block.title}</figcaption>
      <svg viewBox={`0 0 ${width} ${HEIGHT}`} role="img" aria-label={spoken(block)}>
        {[0, 0.25, 0.5, 0.75, 1].map((part) => (
          <g key={part}>
            <line x1={LEFT} x2={width - RIGHT} y1={y(part * top)} y2={y(part * top)} className="grid" />
            <text x={LEFT - 8} y={y(part * top) + 4} textAnchor="end">
              {Number((part * top).toPrecision(4))}
            </text>
          </g>
        ))}
        {axis.categories.map((name, at) =>
          at % step ? null : (
            <text key={name} x={x(at)} y={HEIGHT - 14} textAnchor={at && at === axis.categories.length - 1 ? "end" : "middle"} dx={at && at === axis.categories.length - 1 ? RIGHT - 4 : 0}>
              {name}
            </text>
          ),
        )}
        {[...series.keys()].reverse().map((at) => (
          <Line key={at} series={series[at]} axis={axis} x={x} y={y} colour={COLOURS[at % COLOURS.length]} />
        ))}
      </svg>
      <div className="legend">
        {series.map((each, at) => (
          <span key={each.name}>
            <i style={{ background: COLOURS[at % COLOURS.length] }} /> {each.name}
          </span>
        ))}
      </div>
    </figure>
  );
}

function useWidth() {
  const figure = useRef(null);
  const [width, setWidth] = useState(WIDTH);
  useEffect(() => {
    const resized = new ResizeObserver(([entry]) => setWidth(Math.max(240, Math.round(entry.contentRect.width))));
    resized.observe(figure.current);
    return () => resized.disconnect();
  }, []);
  return [figure, width];
}

function Line({ series, axis, x, y, colour }) {
  const value = Object.fromEntries(series.data.map((point) => [point.label, point.value]));
  const points = axis.categories.map((name, at) => [x(at), y(value[name]), `${series.name}, ${name}: ${value[name]}`]);
  return (
    <g>
      <polyline points={points.map(([left, top]) => `${left},${top}`).join(" ")} fill="none" stroke={colour} strokeWidth="2.5" />
      {points.map(([cx, cy, said]) => (
        <circle key={cx} cx={cx} cy={cy} r="3" fill={colour}>
          <title>{said}</title>
        </circle>
      ))}
    </g>
  );
}

// The end of the axis; of what is counted, one whose quarters are whole numbers.
function niceTop(most, whole) {
  const step = 10 ** Math.floor(Math.log10(most));
  const tops = [1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10, 20].map((times) => times * step);
  return tops.find((top) => top >= most && (!whole || top % 4 === 0)) ?? 40 * step;
}

const spoken = ({ title, chart }) =>
  `${title}. ${chart.series.map(({ name, data }) => `${name}: ${data.map((point) => `${point.label} ${point.value}`).join(", ")}`).join(". ")}`;

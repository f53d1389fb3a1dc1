import { useState } from 'preact/hooks';
import { formatCount, formatShort } from '../ui/numbers.ts';
import { useWidth } from './use-width.ts';

export interface DayCount {
  readonly date: string;
  readonly count: number;
}

const height = 168;
const margin = { top: 8, bottom: 22, left: 36 };

const dayFormat = new Intl.DateTimeFormat('en-US', { month: 'short', day: 'numeric', timeZone: 'UTC' });
const longDayFormat = new Intl.DateTimeFormat('en-US', { weekday: 'short', month: 'short', day: 'numeric', timeZone: 'UTC' });
const dayLabel = (date: string): string => dayFormat.format(new Date(`${date}T00:00:00Z`));
const longDayLabel = (date: string): string => longDayFormat.format(new Date(`${date}T00:00:00Z`));

/** One bar a day. Readers of screens get the same as a table. */
export function DayBars({ days, title }: { readonly days: readonly DayCount[]; readonly title: string }) {
  const [box, width] = useWidth<HTMLDivElement>();
  const [pointed, setPointed] = useState<number | null>(null);
  const top = niceTop(Math.max(4, ...days.map(({ count }) => count)));
  const innerWidth = Math.max(0, width - margin.left);
  const innerHeight = height - margin.top - margin.bottom;
  const step = days.length === 0 ? 0 : innerWidth / days.length;
  const y = (count: number) => margin.top + innerHeight * (1 - count / top);
  const every = Math.max(1, Math.ceil(64 / Math.max(step, 1)));
  const shown = pointed === null ? null : days[pointed];

  return (
    <div class="chart" ref={box}>
      <p class="chart-note" aria-hidden="true">
        {shown
          ? `${longDayLabel(shown.date)}: ${formatCount(shown.count)}`
          : `${formatCount(days.reduce((sum, { count }) => sum + count, 0))} in all`}
      </p>
      <svg width={width} height={height} aria-hidden="true" onPointerLeave={() => setPointed(null)}>
        {[0, top / 2, top].map((count) => (
          <g key={count}>
            <line class="grid" x1={margin.left} x2={width} y1={y(count)} y2={y(count)} />
            {Number.isInteger(count) && (
              <text x={margin.left - 8} y={y(count)} dy="0.32em" text-anchor="end">
                {formatShort(count)}
              </text>
            )}
          </g>
        ))}
        {days.map(({ date, count }, i) => {
          const x = margin.left + i * step;
          const tall = (innerHeight * count) / top;
          return (
            <g key={date} class={pointed === i ? 'pointed' : ''} onPointerEnter={() => setPointed(i)}>
              <rect class="hover" x={x} y={margin.top} width={step} height={innerHeight} />
              <rect
                class="bar"
                x={x + step * 0.15}
                y={y(count)}
                width={Math.max(1, step * 0.7)}
                height={count === 0 ? 0 : Math.max(2, tall)}
                rx={Math.min(2, step * 0.2)}
              />
              {(days.length - 1 - i) % every === 0 && x + step / 2 > margin.left + 16 && (
                <text x={Math.min(x + step / 2, width - 20)} y={height - 6} text-anchor="middle">
                  {dayLabel(date)}
                </text>
              )}
            </g>
          );
        })}
      </svg>
      <table class="unseen">
        <caption>{title}</caption>
        <thead>
          <tr>
            <th>Day</th>
            <th>Leads</th>
          </tr>
        </thead>
        <tbody>
          {days.map(({ date, count }) => (
            <tr key={date}>
              <th scope="row">{date}</th>
              <td>{count}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** The next of 1, 2, 4, 5, 10, 20, 40, 50, ... : its half is still a readable number. */
function niceTop(most: number): number {
  const power = 10 ** Math.floor(Math.log10(most));
  return ([1, 2, 4, 5, 10].find((factor) => factor * power >= most) ?? 10) * power;
}

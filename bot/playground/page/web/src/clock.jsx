// The demo's day, and controls to let time pass.
import { useEffect, useState } from "react";

export function Clock({ world, ask }) {
  const [day, setDay] = useState(world.day);
  const [stopping, setStopping] = useState(false);
  const moving = Boolean(world.moving);
  useEffect(() => setDay(world.day), [world.day]);
  useEffect(() => setStopping(false), [moving]);
  const to = (where) => ask({ do: "clock", to: where });
  const said = (when, more) => new Date(`${when}T12:00:00Z`).toLocaleDateString("en-GB", { ...more, day: "numeric", month: "short", year: "numeric", timeZone: "UTC" }).replace("Sept", "Sep"); // as tierbot writes it
  const shown = said(world.day, { weekday: "short" });
  return (
    <div className="clock" role="group" aria-label="Clock">
      <output className="now" aria-live="polite">
        {shown}
      </output>
      {world.moving?.jump ? (
        <progress aria-label="One moment" />
      ) : world.moving ? (
        <>
          <progress value={world.moving.days} max={world.moving.of} aria-label="Time passes" />
          {world.moving.days} of {world.moving.of} {world.moving.of === 1 ? "day" : "days"}
          <button type="button" disabled={stopping} onClick={() => (setStopping(true), to("stop"))}>
            {stopping ? "Stopping …" : "Stop"}
          </button>
        </>
      ) : (
        <>
          <button type="button" onClick={() => to("day")}>
            + day
          </button>
          <button type="button" onClick={() => to("week")}>
            + week
          </button>
          <button type="button" title={`The next one is on ${said(world.recalibration)}`} onClick={() => to("recalibration")}>
            To recalibration
          </button>
          <form onSubmit={(event) => (event.preventDefault(), to(day))}>
            <input type="date" aria-label="Go to a day" min="2019-01-01" value={day} onChange={(event) => setDay(event.target.value)} />
            <button type="submit" disabled={!day || day === world.day}>
              Go
            </button>
            <button type="button" title={`Jump to ${said(world.today)}; what was due in between isn't sent`} disabled={world.day === world.today} onClick={() => to("today")}>
              Today
            </button>
          </form>
        </>
      )}
    </div>
  );
}

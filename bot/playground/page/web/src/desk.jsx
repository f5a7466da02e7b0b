// The whole page: sidebar, channel or Home, thread, inspector, modals.
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { Composer } from "./composer.jsx";
import { Inspector } from "./inspector.jsx";
import { send, share as shareFiles, useLive } from "./live.js";
import { NotInstalled } from "./install.jsx";
import { Messages, Thread } from "./messages.jsx";
import { Sidebar } from "./sidebar.jsx";
import { HomeTab, Window } from "./surfaces.jsx";
import { Top } from "./top.jsx";
import { People, Places } from "./using.js";

const INSPECTOR = "inspector";
const START = new URLSearchParams(location.search).get("as") ?? "";

export function Desk() {
  const [who, setWho] = useState(START);
  const [seen, connected] = useLive(who);
  const [place, setPlace] = useState(null);
  const [tab, setTab] = useState("messages");
  const [beside, setBeside] = useState(null); // what is open next to the messages: a thread, by its root, or the inspector
  const [listing, setListing] = useState(false);
  const [trouble, setTrouble] = useState("");
  const [stale, setStale] = useState(null); // modals that were open before the page was loaded, which are ignored
  const [read, setRead] = useState({}); // the last message read, by person and channel
  const [dismissed, setDismissed] = useState([]);
  const [attached, setAttached] = useState([]); // files that go to tierbot with the next message
  const known = useRef(""); // the previous day
  const opener = useRef(null); // the element with the keyboard focus before a modal opened

  const inspecting = beside === INSPECTOR;
  const leaveThread = useCallback(() => setBeside((now) => (now === INSPECTOR ? now : null)), []);
  const be = useCallback((other) => {
    history.replaceState(null, "", `?as=${encodeURIComponent(other)}`);
    setWho(other);
    setAttached([]);
    leaveThread();
  }, [leaveThread]);
  const ask = useCallback(
    async (asked) => {
      const answer = await send({ as: who, ...asked });
      setTrouble(answer.error ?? "");
      return answer;
    },
    [who],
  );
  const attach = useCallback((files) => setAttached((before) => [...before, ...files]), []);
  const share = useCallback(
    async (files, text) => {
      const answer = await shareFiles(who, files, text);
      setTrouble(answer.error ?? "");
      return answer;
    },
    [who],
  );
  const act = useCallback((on, element, choice) => {
    const { where, channel, ts, view } = on;
    if (where !== "modal") opener.current = document.activeElement;
    ask({ do: "click", where, channel, ts, view, element, choice });
  }, [ask]);
  const search = useCallback(({ where, channel, ts, view }, element, text) => ask({ do: "options", where, channel, ts, view, element: element.action_id, text }), [ask]);

  const world = seen?.world;
  useEffect(() => {
    if (connected) setTrouble("");
  }, [connected]);
  useEffect(() => {
    if (!world || seen.asked !== who || world.me === who) return;
    be(world.me);
    if (who) setTrouble(`${who} isn't in this data. You are now ${world.me}.`);
  }, [seen, world, who, be]);
  useEffect(() => {
    if (stale || world?.me !== who) return;
    setStale(seen.windows.map((each) => each.view));
  }, [stale, seen, world, who]);
  const day = world?.day;
  useEffect(() => {
    if (day < known.current) {
      const morning = Date.parse(`${day}T08:30:00Z`) / 1000; // after going back in time, messages count as unread again
      setRead((before) => Object.fromEntries(Object.entries(before).map(([where, ts]) => [where, Math.min(Number(ts), morning)])));
    }
    known.current = day ?? "";
  }, [day]);
  const here = seen?.places.find((each) => each.id === place) ?? seen?.places.at(-1);
  const messages = useMemo(() => (here ? seen[`messages:${here.id}`].filter((each) => !dismissed.includes(each.ts)) : []), [seen, here, dismissed]);
  const dismiss = useCallback((ts) => setDismissed((before) => [...before, ts]), []);
  const people = useMemo(() => new Map(world?.people.map((each) => [each.user_id, each.name]) ?? []), [world]);
  const thread = !inspecting && messages.some((each) => each.ts === beside) ? beside : null; // going back in time may have removed it
  const missing = Boolean(here?.app) && !world.installed; // tierbot isn't installed in this workspace
  const atHome = Boolean(here?.app) && tab === "home" && !missing;
  const mine = Boolean(world) && world.me === who; // what is seen is this person's, not yet the last one's
  const last = messages?.at(-1)?.ts;
  useEffect(() => {
    if (here && last && !atHome) setRead((before) => ({ ...before, [who + here.id]: last }));
  }, [who, here?.id, last, atHome]);
  useEffect(() => {
    if (connected && atHome && mine) send({ as: who, do: "home" }).then((answer) => answer.error && setTrouble(answer.error));
  }, [connected, atHome, mine, who]);

  const windows = stale ? (seen?.windows ?? []).filter((each) => !stale.includes(each.view)) : [];
  const windowed = windows.length > 0;
  useEffect(() => {
    if (!windowed) opener.current?.focus();
  }, [windowed]);

  if (!world || !here) return <p className="empty">{connected ? "One moment …" : "Waiting for the demo …"}</p>;
  const go = (id, to = "messages") => (setPlace(id), setTab(to), setAttached([]), leaveThread(), setListing(false));
  const unread = (each) =>
    each.id === here.id && !atHome ? 0 : (seen[`messages:${each.id}`] ?? []).filter((one) => !one.typed && !one.author && Number(one.ts) > Number(read[who + each.id] ?? 0)).length;
  const all = seen.places.map(unread);
  const type = (text) => ask({ do: "command", channel: here.id, text });
  const window = windows.at(-1);
  return (
    <People.Provider value={people}>
     <Places.Provider value={seen.places}>
      <div className={`desk${listing ? " listing" : ""}`}>
        <Top world={world} be={be} ask={ask} setTrouble={setTrouble} attach={attach} unread={all.reduce((sum, each) => sum + each, 0)} listing={[listing, setListing]} inspecting={[inspecting, () => setBeside(inspecting ? null : INSPECTOR)]} />
        <Sidebar world={world} ask={ask} places={seen.places} here={here} tab={tab} unread={unread} go={go} be={be} />
        <main className="main" data-share={here.app && !atHome && !missing ? "" : undefined}>
          <div className="head">
            <h2>{here.app ? "tierbot" : `# ${here.name}`}</h2>
            {here.app && !missing && (
              <div className="tabs" role="tablist">
                {["home", "messages"].map((name) => (
                  <button key={name} type="button" role="tab" aria-selected={tab === name} onClick={() => setTab(name)}>
                    {name === "home" ? "Home" : "Messages"}
                  </button>
                ))}
              </div>
            )}
          </div>
          {!connected && <div className="trouble">The demo isn't responding. Is it still running in your terminal?</div>}
          {missing ? (
            <NotInstalled world={world} ask={ask} messages={messages} search={search} place={here} dismiss={dismiss} />
          ) : atHome ? (
            <HomeTab home={seen.home} act={act} search={search} />
          ) : (
            <Messages key={`${who} ${here.id}`} messages={messages} act={act} search={search} place={here} openThread={setBeside} type={type} dismiss={dismiss} older={seen[`messages:${here.id}`].length >= world.most} />
          )}
          {trouble && connected && !window && (
            <div className="trouble" role="alert">
              {trouble}{" "}
              <button type="button" aria-label="Dismiss the error" onClick={() => setTrouble("")}>
                ✕
              </button>
            </div>
          )}
          {!atHome && !missing && <Composer commands={world.commands} place={here} type={type} share={share} attached={attached} attach={attach} setAttached={setAttached} />}
        </main>
        {thread && <Thread root={thread} messages={messages} act={act} search={search} close={() => setBeside(null)} />}
        {inspecting && <Inspector journal={seen.journal} world={world} ask={ask} close={() => setBeside(null)} />}
      </div>
      {window && (
        <Window
          key={window.view}
          window={window}
          depth={windows.length}
          trouble={trouble}
          act={act}
          submit={(view, values) => ask({ do: "submit", where: "modal", view: view.view, values })}
          search={search}
          close={(view) => ask({ do: "close", where: "modal", view: view.view })}
        />
      )}
     </Places.Provider>
    </People.Provider>
  );
}

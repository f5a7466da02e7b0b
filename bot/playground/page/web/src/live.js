// The connection to the server: receives what the person sees, in parts, and sends what they do.
import { useEffect, useRef, useState } from "react";

export function useLive(who) {
  const [seen, setSeen] = useState(null);
  const [connected, setConnected] = useState(false);
  const parts = useRef({});
  useEffect(() => {
    let socket, waiting, over = false;
    parts.current = { asked: who }; // until the new person's parts arrive, the old ones stay on the screen
    const connect = () => {
      const scheme = location.protocol === "https:" ? "wss" : "ws";
      socket = new WebSocket(`${scheme}://${location.host}/live?as=${encodeURIComponent(who)}`);
      socket.onopen = () => setConnected(true);
      socket.onmessage = (event) => {
        parts.current = merged(parts.current, JSON.parse(event.data));
        setSeen(parts.current);
      };
      socket.onclose = () => {
        if (over) return;
        setConnected(false);
        waiting = setTimeout(connect, 1000);
      };
    };
    connect();
    return () => {
      over = true;
      clearTimeout(waiting);
      socket.close();
    };
  }, [who]);
  return [seen, connected];
}

// An unchanged message stays the same object, so that React doesn't render it again.
function merged(before, parts) {
  const now = { ...before, ...parts };
  for (const [name, messages] of Object.entries(parts)) {
    if (!name.startsWith("messages:") || !before[name]) continue;
    const old = new Map(before[name].map((each) => [each.ts, each]));
    now[name] = messages.map((each) => {
      const same = old.get(each.ts);
      return same && JSON.stringify(same) === JSON.stringify(each) ? same : each;
    });
  }
  return now;
}

export async function send(asked) {
  return answered(fetch("/do", { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(asked) }));
}

export async function drop(files, replace) {
  const form = new FormData();
  form.append("replace", replace ? "yes" : "no");
  for (const file of files) form.append("file", file, file.name);
  return answered(fetch("/import", { method: "POST", body: form }));
}

export async function share(who, files, text) {
  const form = new FormData();
  form.append("text", text);
  for (const file of files) form.append("file", file, file.name);
  return answered(fetch(`/share?as=${encodeURIComponent(who)}`, { method: "POST", body: form }));
}

export async function entry(who, number) {
  return answered(fetch(`/journal/${number}?as=${encodeURIComponent(who)}`));
}

async function answered(request) {
  try {
    const answer = await request;
    return await answer.json();
  } catch {
    return { error: "The demo isn't responding. Is it still running in your terminal?" };
  }
}

// Light or dark: the system's setting, until the person changes it.
import { useState } from "react";

const KEY = "tierbot-theme";
const system = () => (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
const remembered = () => {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
};

document.documentElement.dataset.theme = remembered() ?? system();

export function useTheme() {
  const [theme, setTheme] = useState(document.documentElement.dataset.theme);
  const change = () => {
    const other = theme === "dark" ? "light" : "dark";
    document.documentElement.dataset.theme = other;
    try {
      localStorage.setItem(KEY, other);
    } catch {
      // storage is blocked: the choice only applies to this tab
    }
    setTheme(other);
  };
  return [theme, change];
}

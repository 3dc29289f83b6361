// Before anything is drawn: the theme, and a place where events wait until the page can send them.
"use strict";
window.gazette = {
  waiting: [],
  next: null,
  trigger: null,

  // The page's own events reach the server through this.
  connect(trigger) {
    this.trigger = trigger;
    for (const [name, data] of this.waiting.splice(0)) this.send(name, data);
  },

  send(name, data = {}) {
    if (!this.trigger) return void this.waiting.push([name, data]);
    this.next = data;
    this.trigger(name);
  },

  // What goes with the event that is being sent; the first one is the page's opening.
  sent() {
    const data = this.next ?? { id: new URL(location).searchParams.get("c") ?? "" };
    this.next = null;
    return data;
  },

  get choice() {
    return localStorage.getItem("gazette-theme") ?? "system";
  },

  drawTheme() {
    const isSystemDark = matchMedia("(prefers-color-scheme: dark)").matches;
    const isDark = this.choice === "dark" || (this.choice === "system" && isSystemDark);
    document.documentElement.style.colorScheme = isDark ? "dark" : "light";
    for (const one of [document.documentElement, document.body]) {
      one?.classList.toggle("dark", isDark);
    }
  },
};

// Gradio puts a class of its own choice on the body: the reader's choice wins.
gazette.drawTheme();
addEventListener("DOMContentLoaded", () => {
  gazette.drawTheme();
  new MutationObserver(() => gazette.drawTheme()).observe(document.body, {
    attributeFilter: ["class"],
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => gazette.drawTheme());
});

// A session that has ended leads to the login; a server that is away is told, whoever asked it.
{
  const real = window.fetch;
  window.fetch = async (...asked) => {
    try {
      const answer = await real(...asked);
      if (answer.status === 401) location.reload();
      else if (answer.status >= 500) dispatchEvent(new Event("gazette:lost"));
      return answer;
    } catch (error) {
      if (error.name !== "AbortError") dispatchEvent(new Event("gazette:lost"));
      throw error;
    }
  };
}

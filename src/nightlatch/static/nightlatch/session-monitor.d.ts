/** The classic script: it defines a global, and is loaded by a script tag of its own. */
export {};

/** Why the session ended; a server that is not nightlatch's gives `""` where it gave none. */
type EndReason = import("./nightlatch.js").Reason | "";

/** Something that settles: a promise, a jqXHR or a jQuery Deferred. */
type Settles<T> = PromiseLike<T> | { then(done: (value: any) => any, failed?: (reason: any) => any): any };

declare global {
  /** What a page may say. Each has a default, and what is `undefined` was not said. */
  interface SessionMonitorOptions {
    /** How long the session lives after the last activity, in milliseconds; 60 minutes. */
    sessionLifetime?: number;
    /** How long before that the warning comes, in milliseconds, at least 20 000; 10 minutes. */
    timeBeforeWarning?: number;
    /** The least time between two pings, in milliseconds; 1 minute. */
    minPingInterval?: number;
    /** Names of DOM events that show that the user is there; `"mouseup"` stands for all that do. */
    activityEvents?: string;
    /** Where a ping is posted; `"/ping"`. */
    pingUrl?: string;
    /** Where one goes to sign out; `"/logout"`. */
    logoutUrl?: string;
    /** Where one goes when the session has ended; `"/logout?timeout=1"`. */
    timeoutUrl?: string;
    /** Where nightlatch's routes are; absent: known from `pingUrl` or the script's own address. */
    url?: string;
    /** Tells the server. What it returns decides whether the session counts as extended. */
    ping?(idle_for?: number, keepalive?: boolean): unknown;
    /** Signs out. */
    logout?(): unknown;
    /** Warns; absent: nightlatch's dialog does. */
    onwarning?(): unknown;
    /** The warning is over because the session goes on. */
    onextend?(): unknown;
    /** Something to be done before the session ends, such as saving a draft; waited for 10 s at most. */
    onbeforetimeout?(reason: EndReason): Settles<unknown> | void;
    /** Leaves the page. */
    ontimeout?(reason: EndReason): unknown;
  }

  /** What `sessionMonitor` returns: the options as they are used, and two functions more. */
  interface SessionMonitor extends Required<Omit<SessionMonitorOptions, "url">> {
    url?: string;
    /** The user is there, and stays. May be used as an event handler as it is. */
    extendsess(): void;
    /** Stops watching and leaves no listener, timer or channel behind. */
    stop(): Promise<void>;
  }

  /**
   * Watches over this page's session; whoever watched before is stopped.
   *
   * @throws TypeError an option that cannot be right, by name
   */
  function sessionMonitor(options?: SessionMonitorOptions): SessionMonitor;

  interface Window {
    sessionMonitor: typeof sessionMonitor;
  }
}

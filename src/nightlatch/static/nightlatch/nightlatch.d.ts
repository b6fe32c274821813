/** The server's word on a session. Spans are milliseconds from the moment it was asked. */
export interface ActiveStatus {
  state: "active";
  reason: null;
  /** Until it ends for inactivity. */
  idle_ms: number;
  /** Until it ends whatever anybody does. */
  absolute_ms: number;
  /** How long before either end the warning comes. */
  warn_ms: number;
  /** Whether staying would move the end. */
  can_extend: boolean;
  /** An opaque tag of user and session; another one means another session. */
  who: string;
}

/** What the server says when there is no session, or no longer. */
export interface EndedStatus {
  state: "ended" | "anonymous";
  reason: Reason | null;
}

export type Status = ActiveStatus | EndedStatus;

/** Why a session ended. The browser half adds the last: the server could not confirm it. */
export type Reason =
  | "idle"
  | "absolute"
  | "signed-out"
  | "revoked"
  | "replaced"
  | "replayed"
  | "corrupt"
  | "signed-out-unconfirmed";

/** What `start` takes. As `data-*` attributes of the script tag they are texts. */
export interface Options {
  /** The server's status document, as an object or as JSON. `data-status`. */
  status: ActiveStatus | string;
  /** The least time between two extends, over all tabs; above 0. `data-ping-every-ms`. */
  pingEveryMs: number | string;
  /** Where the session's routes are, a path. `data-url`. */
  url: string;
  /** Where to go when the session has ended, a path. `data-ended-url`. */
  endedUrl: string;
  /** Present, with whatever value, when asking for this page was activity. `data-active`. */
  active?: unknown;
  /** Where to sign in without leaving the page; absent: it leaves. `data-sign-in-url`. */
  signInUrl?: string;
  /** Equal for the same user; needed with `signInUrl`. `data-user`. */
  user?: string;
}

/**
 * Watches over this page's session; whoever watched before is stopped.
 *
 * @param options absent: the `data-*` attributes of the script tag
 * @param age_ms how long ago the request for `status` was sent; absent: it came with the page
 * @throws TypeError an option that cannot be right, by name
 */
export function start(options?: Options | DOMStringMap, age_ms?: number): void;

/** Stops watching. A page that is hidden at that moment stays hidden. */
export function stop(): void;

/** Returns the options as `start` would use them. Throws as it does. */
export function read<T extends Options | DOMStringMap>(options: T): T & { status: Status };

declare global {
  interface DocumentEventMap {
    /** The warning has opened. */
    "nightlatch:warn": CustomEvent<ActiveStatus>;
    /** The server has confirmed that the session goes on. */
    "nightlatch:extend": CustomEvent<ActiveStatus>;
    /** The page has been hidden, and the server is about to be asked. */
    "nightlatch:hide": CustomEvent<ActiveStatus>;
    /** The same user has signed in again without leaving; the page is as it was. */
    "nightlatch:resume": CustomEvent<null>;
    /** The session has ended; the page is hidden and about to leave. */
    "nightlatch:end": CustomEvent<Status>;
  }
}

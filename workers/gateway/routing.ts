import { type WorkerName, workers } from '../../shared/contracts/workers'

export type Backend = Exclude<WorkerName, 'gateway'>

/** The Workers that the gateway speaks to, each under its binding. */
export const backends: readonly Backend[] = workers.filter((worker) => worker !== 'gateway')

/** Who answers what. The first pattern that matches decides, so the exceptions of a prefix stand before it. */
const table: readonly (readonly [pattern: RegExp, backend: Backend])[] = [
  [/^\/v1\/auth(\/|$)/, 'auth'],
  [/^\/v1\/products\/[^/]+\/watch$/, 'notification'],
  [/^\/v1\/products(\/|$)/, 'product'],
  [/^\/v1\/inventory(\/|$)/, 'inventory'],
  [/^\/v1\/cart(\/|$)/, 'cart'],
  [/^\/v1\/orders(\/|$)/, 'order'],
  [/^\/v1\/seller\/orders(\/|$)/, 'order'],
  [/^\/v1\/seller\/dashboard(\/|$)/, 'seller-dashboard'],
  [/^\/v1\/assistant(\/|$)/, 'ai-buddy'],
  [/^\/v1\/payments(\/|$)/, 'payment'],
  [/^\/v1\/notifications(\/|$)/, 'notification'],
  [/^\/v1\/realtime(\/|$)/, 'notification'],
  [/^\/v1\/(audit|dead-letters|events)(\/|$)/, 'audit'],
]

/** Doors that only local runs have. */
const localTable: typeof table = [
  [/^\/v1\/dev\/accounts$/, 'auth'],
  [/^\/v1\/dev\/mailbox$/, 'notification'],
  [/^\/v1\/dev\/events$/, 'audit'],
  [/^\/v1\/dev\/history$/, 'seller-dashboard'],
  [/^\/v1\/dev\/pictures\/[a-z0-9.-]+$/, 'product'],
]

/** The Worker behind a path; undefined when there is none. Nothing outside /v1 is ever passed on. */
export function backendOf(path: string, local: boolean): Backend | undefined {
  return [...table, ...(local ? localTable : [])].find(([pattern]) => pattern.test(path))?.[1]
}

/** The only doors that a cookie gets to, and that may set one. */
export const isCookieDoor = (path: string): boolean => path.startsWith('/v1/auth/')

/** Doors at which passwords and tokens are guessed: the strict rate limit. */
export const isCredentialDoor = (path: string): boolean =>
  /^\/v1\/auth\/(register|login|refresh|guest|verify-email|password\/(forgot|reset))$/.test(path)

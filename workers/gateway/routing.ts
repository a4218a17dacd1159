import { type WorkerName, workers } from '../../shared/contracts/workers'

export type Backend = Exclude<WorkerName, 'gateway'>

/** The Workers that the gateway calls, each by its binding. */
export const backends: readonly Backend[] = workers.filter((worker) => worker !== 'gateway')

/** Which Worker answers which path. The first match decides, so exceptions of a prefix come before it. */
const routes: readonly (readonly [pattern: RegExp, backend: Backend])[] = [
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

/** Endpoints that only local runs have. */
const localRoutes: typeof routes = [
  [/^\/v1\/dev\/accounts$/, 'auth'],
  [/^\/v1\/dev\/mailbox$/, 'notification'],
  [/^\/v1\/dev\/events$/, 'audit'],
  [/^\/v1\/dev\/history$/, 'seller-dashboard'],
  [/^\/v1\/dev\/pictures\/[a-z0-9.-]+$/, 'product'],
]

/** Endpoints of local runs only, which show what users wrote and make operators. */
export const isDevEndpoint = (path: string): boolean => path.startsWith('/v1/dev/')

/** The Worker behind a path; undefined when there is none. Nothing outside /v1 is ever passed on. */
export function backendOf(path: string, local: boolean): Backend | undefined {
  return [...routes, ...(local ? localRoutes : [])].find(([pattern]) => pattern.test(path))?.[1]
}

/** The only endpoints that get cookies and may set them. */
export const isCookieEndpoint = (path: string): boolean => path.startsWith('/v1/auth/')

/** Endpoints where passwords and tokens could be guessed: they have the strict rate limit. */
export const isCredentialEndpoint = (path: string): boolean =>
  /^\/v1\/auth\/(register|login|refresh|guest|verify-email|password\/(forgot|reset))$/.test(path)

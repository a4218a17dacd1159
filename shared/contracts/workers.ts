/** Every Worker that has a domain. */
export const workers = [
  'gateway',
  'auth',
  'product',
  'inventory',
  'cart',
  'order',
  'payment',
  'notification',
  'seller-dashboard',
  'ai-buddy',
  'audit',
  'data',
] as const
export type WorkerName = (typeof workers)[number]

/** The Worker that gets every event, whatever its `to` says, and keeps it: the log that events are replayed from. */
export const auditor = 'audit' satisfies WorkerName

/** A Worker's name as bindings spell it: `SELLER_DASHBOARD`. */
export type BindingName<W extends string> = W extends `${infer First}-${infer Rest}`
  ? `${Uppercase<First>}_${BindingName<Rest>}`
  : Uppercase<W>

export const bindingName = <const W extends string>(worker: W): BindingName<W> =>
  worker.toUpperCase().replaceAll('-', '_') as BindingName<W>

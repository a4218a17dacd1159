import { type Commands, syntaxError, wrongArguments } from './reply'
import type { Store } from './store'

export const server: Commands = {
  dbsize: [1, (store) => store.keys().length],
  flushdb: [-1, flush],
  flushall: [-1, flush],
  ping: [-1, ping],
  echo: [2, (_store, [message = '']) => message],
  time: [1, ({ now }) => [String(Math.floor(now / 1000)), String((now % 1000) * 1000)]],
}

function flush(store: Store, [mode, ...rest]: string[]): string {
  if (rest.length > 0 || (mode !== undefined && !['ASYNC', 'SYNC'].includes(mode.toUpperCase()))) throw syntaxError()
  store.clear()
  return 'OK'
}

function ping(_store: Store, [message = 'PONG', ...rest]: string[], name: string): string {
  if (rest.length > 0) throw wrongArguments(name)
  return message
}

import type { Json } from '../../../shared/contracts/data'
import type { Store } from './store'

/** A command's answer to its arguments; `name` is its own in lower case. @throws ReplyError */
export type Command = (store: Store, args: string[], name: string) => Json

/** Commands of one family by name, each with Redis' arity: arguments counting the name, negative for "at least". */
export type Commands = Record<string, [arity: number, command: Command]>

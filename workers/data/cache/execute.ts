import type { Json } from '../../../shared/contracts/data'
import { collectionCommands } from './collection-commands'
import type { Commands } from './command'
import { keyCommands } from './key-commands'
import { ReplyError, wrongArguments } from './reply'
import type { Store } from './store'
import { stringCommands } from './string-commands'

export type Answer = { result: Json } | { error: string }
type Line = readonly (string | number)[]

/** How much of an unknown command an error repeats. */
const REPEATED = 128

const commands = new Map(Object.entries<Commands[string]>({ ...keyCommands, ...stringCommands, ...collectionCommands }))
const spoken = [...commands.keys()].join(', ').toUpperCase()

/** Runs one command, such as `['SET', 'k', 'v', 'EX', 60]`, and answers with Redis' reply or its error text. */
export function execute(store: Store, line: Line): Answer {
  return answerOf(() => prepare(line)(store))
}

/**
 * Runs commands as MULTI and EXEC would: none of them when one would not be queued, because it is unknown or has the wrong number
 * of arguments; otherwise all, and each answers for itself.
 */
export function transact(store: Store, lines: readonly Line[]): Answer[] | { error: string } {
  for (const line of lines) {
    const queued = answerOf(() => prepare(line) && 'QUEUED')
    // Redis has named the error by then, in its answer to the command; here the answer to EXEC is the only one.
    if ('error' in queued) return { error: `EXECABORT Transaction discarded because of previous errors: ${queued.error}` }
  }
  return lines.map((line) => execute(store, line))
}

function answerOf(work: () => Json): Answer {
  try {
    return { result: work() }
  } catch (error) {
    if (error instanceof ReplyError) return { error: error.message }
    throw error
  }
}

/** A command that only needs to be run. @throws ReplyError when Redis would not queue it */
function prepare(line: Line): (store: Store) => Json {
  const [word = '', ...args] = line.map(wordOf)
  const name = word.toLowerCase()
  const [arity, command] = commands.get(name) ?? []
  if (arity === undefined || command === undefined) throw notSpoken(word)
  const count = args.length + 1
  if (arity >= 0 ? count !== arity : count < -arity) throw wrongArguments(name)
  return (store) => command(store, args, name)
}

/** @throws ReplyError for an integer that JavaScript may have rounded before it came here */
function wordOf(word: string | number): string {
  if (typeof word === 'number' && Number.isInteger(word) && !Number.isSafeInteger(word))
    throw new ReplyError(`ERR ${word} is beyond 2^53, where a number is not exact: send it as a string`)
  return String(word)
}

const notSpoken = (word: string) =>
  new ReplyError(`ERR '${word.slice(0, REPEATED).toUpperCase()}' is not a command of the embedded cache; it speaks ${spoken}`)

import type { Json } from '../../../shared/contracts/data'
import { hashes } from './hashes'
import { keys } from './keys'
import { lists } from './lists'
import { type Command, type Commands, ReplyError, wrongArguments } from './reply'
import { server } from './server'
import { sets } from './sets'
import { sortedCombinations } from './sorted-combine'
import { sortedSets } from './sorted-sets'
import type { Store } from './store'
import { strings } from './strings'

type Answer = { result: Json } | { error: string }

/** How much of an unknown command Redis repeats. */
const REPEATED = 128

const commands = new Map(
  Object.entries<Commands[string]>({
    ...keys,
    ...server,
    ...strings,
    ...hashes,
    ...sets,
    ...sortedSets,
    ...sortedCombinations,
    ...lists,
  }),
)

/** Runs one command, such as `['SET', 'k', 'v', 'EX', 60]`, and answers with Redis' reply or its error text. */
export function execute(store: Store, command: readonly (string | number)[]): Answer {
  return answerOf(() => {
    const [word = '', ...args] = command.map(String)
    const name = word.toLowerCase()
    return find(word, name, args)(store, args, name)
  })
}

/**
 * Runs commands as MULTI and EXEC would: none of them when Redis would not have queued one, because it is unknown or has the
 * wrong number of arguments; otherwise all, and each answers for itself.
 */
export function transact(store: Store, lines: readonly (readonly (string | number)[])[]): Answer[] | { error: string } {
  const queued = lines.map((line) =>
    answerOf(() => {
      const [word = '', ...args] = line.map(String)
      find(word, word.toLowerCase(), args)
      return 'QUEUED'
    }),
  )
  if (queued.some((answer) => 'error' in answer)) return { error: 'EXECABORT Transaction discarded because of previous errors.' }
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

function find(word: string, name: string, args: readonly string[]): Command {
  const [arity, command] = commands.get(name) ?? []
  if (arity === undefined || command === undefined) throw unknownCommand(word, args)
  const count = args.length + 1
  if (arity >= 0 ? count !== arity : count < -arity) throw wrongArguments(name)
  return command
}

function unknownCommand(word: string, args: readonly string[]): ReplyError {
  let repeated = ''
  for (const arg of args) {
    if (repeated.length >= REPEATED) break
    repeated += `'${arg.slice(0, REPEATED - repeated.length)}' `
  }
  return new ReplyError(`ERR unknown command '${word.slice(0, REPEATED)}', with args beginning with: ${repeated}`)
}

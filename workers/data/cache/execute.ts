import type { Json } from '../../../shared/contracts/data'
import { hashes } from './hashes'
import { keys } from './keys'
import { lists } from './lists'
import { type Commands, ReplyError, wrongArguments } from './reply'
import { sets } from './sets'
import { sortedSets } from './sorted-sets'
import type { Store } from './store'
import { strings } from './strings'

const commands: Commands = { ...keys, ...strings, ...hashes, ...sets, ...sortedSets, ...lists }

/** Runs one command, such as `['SET', 'k', 'v', 'EX', 60]`, and answers with Redis' reply or its error text. */
export function execute(store: Store, command: readonly (string | number)[]): { result: Json } | { error: string } {
  try {
    return { result: run(store, command.map(String)) }
  } catch (error) {
    if (error instanceof ReplyError) return { error: error.message }
    throw error
  }
}

function run(store: Store, [word = '', ...args]: string[]): Json {
  const name = word.toLowerCase()
  const [arity, command] = (Object.hasOwn(commands, name) ? commands[name] : undefined) ?? []
  if (arity === undefined || command === undefined) throw unknownCommand(word, args)
  const count = args.length + 1
  if (arity >= 0 ? count !== arity : count < -arity) throw wrongArguments(name)
  return command(store, args, name)
}

function unknownCommand(word: string, args: readonly string[]): ReplyError {
  return new ReplyError(
    `ERR unknown command '${word}', with args beginning with: ${args
      .map((arg) => `'${arg}' `)
      .join('')
      .slice(0, 128)}`,
  )
}

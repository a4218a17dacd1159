import { integerOf, ReplyError } from './reply'

/** The keys behind their number, and what follows them. @throws ReplyError when there are not as many */
export function numberedKeys([number, ...args]: string[]): { keys: string[]; rest: string[] } {
  const tooFew = () => new ReplyError('ERR numkeys should be greater than 0')
  const count = integerOf(number, tooFew)
  if (count < 1) throw tooFew()
  if (count > args.length) throw new ReplyError("ERR Number of keys can't be greater than number of args")
  return { keys: args.slice(0, count), rest: args.slice(count) }
}

import { hashCases } from './hashes'
import { keyCases } from './keys'
import { listCases } from './lists'
import { setCases } from './sets'
import { sortedSetCases } from './sorted-sets'
import { stringCases } from './strings'

export type Reply = { result: unknown } | { error: string }
export type Step = { command: string[]; reply: Reply }

/** Steps that start with nothing stored. */
export type Case = { name: string; steps: Step[] }

/** `# name`, and below it `COMMAND words -> reply`: the reply as JSON or, after `!`, an error. `''` is an empty word. */
function read(text: string): Case[] {
  return text
    .trim()
    .split(/\n\n/)
    .map((block) => {
      const [name = '', ...lines] = block.split('\n')
      return { name: name.replace('# ', ''), steps: lines.map(readStep) }
    })
}

function readStep(line: string): Step {
  const [words = '', reply = ''] = line.split(' -> ')
  const command = words.split(' ').map((word) => (word === "''" ? '' : word))
  return { command, reply: reply.startsWith('!') ? { error: reply.slice(1) } : { result: JSON.parse(reply) } }
}

/** What every engine behind the contract must answer. */
export const cases: Case[] = [keyCases, stringCases, hashCases, setCases, listCases, sortedSetCases].flatMap(read)

const unordered = new Set([
  'KEYS',
  'SMEMBERS',
  'SINTER',
  'SUNION',
  'SDIFF',
  'SPOP',
  'SRANDMEMBER',
  'HKEYS',
  'HVALS',
  'HRANDFIELD',
])
const paired = new Set(['HGETALL'])
const scans = new Set(['SCAN', 'SSCAN', 'HSCAN', 'ZSCAN'])

/** A reply without what Redis leaves open: the order of what has none. */
export function comparable([name = '']: readonly string[], reply: Reply): Reply {
  if ('error' in reply || !Array.isArray(reply.result)) return reply
  const { result } = reply
  if (unordered.has(name)) return { result: result.toSorted() }
  if (scans.has(name)) return { result: [result[0], (result[1] as string[]).toSorted()] }
  return paired.has(name) ? { result: fieldsOf(result).toSorted() } : reply
}

const fieldsOf = (flat: unknown[]) => flat.flatMap((field, at) => (at % 2 === 0 ? [JSON.stringify([field, flat[at + 1]])] : []))

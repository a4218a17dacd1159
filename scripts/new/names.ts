import { bindingName } from '../../shared/contracts/workers'
import { identifiersIn } from '../topology/identifiers.ts'
import { oldWordsIn } from '../topology/old-words.ts'

/** What a Worker and the things it owns are called in each place, for the Worker `gift-card`. */
export type Names = {
  /** `gift-card` */
  worker: string
  /** `giftCard`, `giftCards` */
  noun: string
  nouns: string
  /** `GiftCard` */
  type: string
  /** `aGiftCard` */
  aNoun: string
  /** In prose: `gift card`, `gift cards`, `a gift card` */
  text: string
  texts: string
  aText: string
  /** The path of the API: `/v1/gift-cards` */
  path: string
  /** The collection: `gift_cards` */
  collection: string
  /** The database: `credenza_gift_card` */
  database: `credenza_${string}`
  /** The event it publishes: `gift_card.closed` */
  event: string
  /** `GIFT_CARD` */
  binding: string
}

/** Queues and Workers are named `credenza-<worker>-dlq` at the longest, and the platform takes 63 characters. */
const longest = 40

const camel = (words: readonly string[]): string =>
  words.map((word, at) => (at === 0 ? word : `${word.charAt(0).toUpperCase()}${word.slice(1)}`)).join('')
const pascal = (words: readonly string[]): string => camel(['', ...words])

/** The plural of an English noun, for those that are regular. */
export function pluralOf(word: string): string {
  if (/[^aeiou]y$/.test(word)) return `${word.slice(0, -1)}ies`
  return /(s|x|z|ch|sh)$/.test(word) ? `${word}es` : `${word}s`
}

export function namesOf(worker: string): Names {
  const words = worker.split('-')
  const plural = [...words.slice(0, -1), pluralOf(words.at(-1) ?? '')]
  const article = /^[aeiou]/.test(worker) ? 'an' : 'a'
  return {
    worker,
    noun: camel(words),
    nouns: camel(plural),
    type: pascal(words),
    aNoun: `${article}${pascal(words)}`,
    text: words.join(' '),
    texts: plural.join(' '),
    aText: `${article} ${words.join(' ')}`,
    path: `/v1/${plural.join('-')}`,
    collection: plural.join('_'),
    database: `credenza_${words.join('_')}`,
    event: `${words.join('_')}.closed`,
    binding: bindingName(worker),
  }
}

/** What is in the way of a name. */
export type Taken = {
  /** The Workers that there are. */
  workers: readonly string[]
  /** Folders, test projects and Workers to come that bear a name. */
  reserved: readonly string[]
  /** The Worker that answers a path; undefined when there is none. */
  backendOf: (path: string) => string | undefined
  /** The source of a Worker as it would be written. */
  sourcesOf: (names: Names) => readonly string[]
}

/** Words that no variable may be named after. */
const keywords =
  /^(arguments|async|await|break|case|catch|class|const|continue|debugger|default|delete|do|else|enum|eval|export|extends|false|finally|for|function|if|implements|import|in|instanceof|interface|let|new|null|of|package|private|protected|public|return|static|super|switch|this|throw|true|try|type|typeof|undefined|var|void|while|with|yield)$/

/** Why a Worker cannot have a name, as a sentence; undefined when it can. */
export function findNameFault(worker: string, { workers, reserved, backendOf, sourcesOf }: Taken): string | undefined {
  if (!/^[a-z][a-z0-9]*(-[a-z][a-z0-9]*)*$/.test(worker))
    return `${worker} is no name of a Worker: take lower-case words with hyphens between them, such as gift-card`
  if (worker.length > longest) return `${worker} is too long: a name has ${longest} characters at most`
  if (worker.endsWith('-dlq')) return `${worker} is reserved: a queue whose name ends in -dlq holds dead letters`
  if (workers.includes(worker)) return `${worker} is taken: there is a Worker of that name`
  if (reserved.includes(worker) || keywords.test(worker)) return `${worker} is reserved`
  const [oldWord] = oldWordsIn('workers/', worker)
  if (oldWord) return `${worker} has a word that names here do not use; say ${oldWord.say}`
  const names = namesOf(worker)
  const answering = backendOf(names.path)
  if (answering) return `${worker} would answer ${names.path}, which is ${answering}'s`
  const used = new Set(sourcesOf(namesOf('placeholder')).flatMap(identifiersIn))
  const clash = [names.noun, names.nouns, names.type, names.aNoun].find((name) => used.has(name))
  return clash && `${worker} is reserved: every Worker uses ${clash} for something else`
}

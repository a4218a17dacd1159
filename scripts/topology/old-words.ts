import { identifiersIn, segmentsOf } from './identifiers.ts'

type Rule = {
  /** What the word's meaning is called instead. */
  say: string
  /** Runs of segments, such as `let go` for `letGo` and `let-go.ts`. */
  not: readonly string[]
  /** Where the word is an old one; elsewhere it means something else. */
  under?: readonly string[]
  /** Names of just this word alone. */
  whole?: true
}

const assistant = ['workers/ai-buddy/']

/** Words that a reader who knows the field stumbles over, as far as a name alone shows that one of them is meant. */
const rules: readonly Rule[] = [
  { say: 'publish, notify, report', not: ['tell', 'tells', 'told', 'untold', 'telling'] },
  { say: 'carts holding a product', not: ['holders'] },
  {
    say: 'dead letter, email',
    not: ['letter', 'letters'],
    under: ['scripts/', 'shared/', 'workers/audit/', 'workers/notification/'],
  },
  { say: 'cart action, proposal', not: ['deed', 'deeds'] },
  { say: 'evidence', not: ['grounds'] },
  { say: 'read-through cache', not: ['shelf', 'shelves'], under: ['shared/', 'workers/product/'] },
  { say: 'version token', not: ['stamp', 'stamps'] },
  { say: 'max age', not: ['fresh for'] },
  { say: 'stale while revalidate', not: ['believed for'] },
  { say: 'stale if error', not: ['stands in'] },
  { say: 'single flight', not: ['flights'] },
  { say: 'timeout', not: ['patience'] },
  { say: 'withTimeout', not: ['within'], under: ['shared/runtime/'], whole: true },
  { say: 'open', not: ['left alone'] },
  { say: 'endpoint, entrypoint', not: ['door', 'doors'] },
  { say: 'state', not: ['standing', 'standings'] },
  { say: 'request context', not: ['passport'] },
  { say: 'pipeline, response headers', not: ['gate', 'dress'], under: ['workers/gateway/'] },
  { say: 'reject, limit, rate limit key', not: ['refuse forgery', 'require modest', 'counted as'] },
  { say: 'withIdempotency', not: ['heed', 'heeds'] },
  { say: 'releaseKey, deferWrites', not: ['let go', 'along'] },
  { say: 'payment event', not: ['payment fact'] },
  { say: 'next provider call, refund remaining', not: ['owed', 'rest back'] },
  { say: 'confirm(ed) reservation', not: ['secure', 'secured'], under: ['workers/inventory/', 'workers/order/'] },
  { say: 'ingest, apply', not: ['hear', 'hears', 'heard', 'learn', 'learned'] },
  { say: 'transfer', not: ['handout', 'handouts', 'give to', 'take in'] },
  { say: 'object API', not: ['cart verbs'] },
  { say: 'sanitize, promotional patterns', not: ['quoting', 'lure', 'lures'], under: assistant },
  { say: 'stop words, copy, model answer', not: ['glue', 'phrases', 'wording'], under: assistant },
  { say: 'price extremes, references', not: ['superlatives', 'pointing'], under: assistant },
  { say: 'parsed intent, request', not: ['wish', 'wishes', 'brief'], under: assistant },
  { say: 'transition, expired, finding', not: ['fate', 'outlived', 'verdict'], under: [...assistant, 'workers/audit/'] },
  { say: 'metadata, reschedule', not: ['bearings', 'hastening'], under: assistant },
  { say: 'dispatch, batching, digest window', not: ['posting', 'gathering', 'rounds'], under: ['workers/notification/'] },
  { say: 'lease, lru', not: ['keeper', 'recency'], under: ['workers/data/'] },
  { say: 'workload, request', not: ['life', 'lives', 'wish', 'wishes'], under: ['shared/testing/'] },
  { say: 'run alarms, restart, fault, crash points', not: ['ring', 'revive', 'strike', 'survive'], under: ['shared/testing/'] },
  { say: 'workloads, zipf, harness', not: ['works', 'chance', 'rig', 'rigged'], under: ['scripts/'] },
  { say: 'scenario, ground truth', not: ['stage', 'truths'], under: ['scripts/'] },
  { say: 'process exit', not: ['until ended'], under: ['scripts/'] },
]

/** Names that somebody else chose: of the platform, of a library or of a protocol. */
const allowed = ['dead letter', 'dead letters']

/** An old word in a name of a file: the name of a folder, of the file itself, or an identifier in it. */
export type OldWord = { path: string; name: string; word: string; say: string }

/** The old words in one name of a file. */
export function oldWordsIn(path: string, name: string): OldWord[] {
  const segments = segmentsOf(name)
  const plain = allowed.reduce((text, phrase) => text.replaceAll(` ${phrase} `, ' | '), ` ${segments.join(' ')} `)
  return rules
    .filter(({ under }) => under === undefined || under.some((folder) => path.startsWith(folder)))
    .flatMap(({ say, not, whole }) =>
      not
        .filter((word) => (whole ? plain === ` ${word} ` : plain.includes(` ${word} `)))
        .map((word) => ({ path, name, word, say })),
    )
}

/** The old words in the names of files and in the identifiers of their code; `sources` maps paths to texts. */
export function findOldWords(sources: ReadonlyMap<string, string>): OldWord[] {
  const folders = new Map<string, string>()
  for (const path of sources.keys()) {
    const parts = path.split('/')
    for (const [depth, part] of parts.slice(0, -1).entries()) folders.set(`${parts.slice(0, depth + 1).join('/')}/`, part)
  }
  return [
    ...[...folders].flatMap(([path, name]) => oldWordsIn(path, name)),
    ...[...sources].flatMap(([path, text]) => [
      ...oldWordsIn(path, path.slice(path.lastIndexOf('/') + 1)),
      ...(/\.tsx?$/.test(path) ? identifiersIn(text).flatMap((name) => oldWordsIn(path, name)) : []),
    ]),
  ]
}

/** A line per file with the names to be changed, the sum above it. */
export function describeOldWords(found: readonly OldWord[]): string {
  const files = [...Map.groupBy(found, ({ path }) => path)]
  const lines = files.map(([path, words]) => `  ${path}: ${[...new Set(words.map(({ name }) => name))].join(', ')}`)
  return [`${found.length} old words in names`, ...lines].join('\n')
}

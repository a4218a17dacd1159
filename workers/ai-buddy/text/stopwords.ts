import { stemmer } from 'stemmer'

/**
 * Words that say nothing of goods, orders or rules: what joins the words that do. `yes`, `no` and their like are missing, for they answer
 * a question on their own; so are words that compare or praise.
 */
const glue = new Set(
  `a an the this that these those it its it's they them their theirs there here he she his her you your yours i me my we us our one ones
  and or but nor so if then than as at by for from in into of off on onto out over to up with within per via about after before between
  during until while when where which who whom whose what how why because since also too both either each every any some all such same
  other others another is are was were be been being am isn't aren't has have had having do does did done can could may might will would
  shall should must let lets get gets got make makes made go goes come comes came give gives given take takes put keep keeps stay stays
  see sees seen look looks find finds found know knows need needs want wants use uses used using work works mean means say says said
  tell tells told write writes ask asks asked help helps show shows include includes included including offer offers feature features
  contain contains consist consists describe describes described list lists listed following below above please thanks thank welcome hello hi
  now just still already yet again then once however therefore otherwise instead rather well very quite
  information details detail question answer item items product products option options page seller sellers shop shopper marketplace
  currently moment right simply also like
  fit fits suit suits match matches matching based according note noted thing things something anything way ways
  i'm i've it'll you'll you're they're that's there's here's what's let's`
    .split(/\s+/)
    .filter((word) => word !== ''),
)

/** What turns a statement round. */
const negations =
  /\b(?:yet to|rather than|instead of|other than|not|no|never|none|neither|nor|without|cannot|can't|don't|doesn't|didn't|isn't|aren't|wasn't|won't|hasn't|haven't|couldn't)\b/i

/** Without an accent and a possessive, and cut to its stem: `Café's` is `cafe`, `drawers` are `drawer`. */
const stem = (word: string): string => stemmer(word.normalize('NFD').replaceAll(/\p{M}/gu, '').replace(/'s?$/, ''))

const glueStems = new Set([...glue].filter((word) => word.length > 3).map(stem))

const wordsOf = (text: string): string[] =>
  text
    .normalize('NFKC')
    .replaceAll('’', "'")
    .toLowerCase()
    .match(/\p{L}[\p{L}\p{M}']*/gu) ?? []

/** The stems of the words of a text that say something, each once. */
export const contentOf = (text: string): Set<string> =>
  new Set(
    wordsOf(text)
      .filter((word) => !glue.has(word) && !negations.test(word))
      .map(stem)
      .filter((found) => !glueStems.has(found)),
  )

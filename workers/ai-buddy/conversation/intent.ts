import type { Intent } from '../context/answer-types'
import { numberPattern } from '../text/numbers'
import { withoutPrices } from '../text/price-range'
import { quantityOf, withoutQuantity } from '../text/quantities'
import { plain } from '../text/tokens'
import { type Reference, referenceIn } from './references'

/** What the user wants, by their own words. */
export type ParsedIntent = {
  intent: Intent
  /** The words to search by. */
  about: string
  reference: Reference
  /** Pieces to put into the cart as the words say, possible or not; null when they leave it open. */
  quantity: number | null
  /** The message asks something: a yes beside it does not count yet. */
  isQuestion: boolean
  /** As on the order's page, `CR-260101-7K3M9Q2X`. */
  orderNumber: string | null
}

const orderNumber = /\bcr-\d{6}-[0-9a-z]{8,16}\b/

const courtesy = '(?: please| thanks| thank you| now)*'
const whole = (alternatives: string) => new RegExp(`^(?:please )?(?:${alternatives})${courtesy}$`)
/** Says yes by itself. Anything beyond it, such as `yes but …`, is no confirmation. */
const yes = whole(
  "yes|yes[, ]+please|yes[, ]+(?:i )?confirm(?:ed)?|yes[, ]+(?:do it|do that|go ahead|add (?:it|them|that)|i do|i'm sure|that's right|thanks|thank you)(?: to (?:my|the) cart)?|yeah|yep|yup|confirm|confirmed|i confirm|i confirm (?:it|that)|do it|yes[, ]+yes|go ahead[, ]+yes",
)
/** Says yes to a question that was asked just before, and nothing by itself. */
const agreed = whole(
  "sure|sure thing|ok|okay|alright|all right|of course|absolutely|definitely|sounds good|that's right|correct|go ahead|go for it|please do|add (?:it|them|that|this)(?: to (?:my|the) (?:cart|basket))?|(?:ok|okay|sure)[, ]+(?:do it|go ahead|add (?:it|them|that)(?: to (?:my|the) (?:cart|basket))?)",
)
const no = whole(
  "no|no[, ]+thanks|no[, ]+thank you|nope|nah|not now|not yet|don't|do not|never mind|nevermind|forget it|leave it|no[, ]+(?:don't|do not|stop|cancel|leave it|never mind|not now)(?: .{0,30})?|i changed my mind|i don't want (?:it|that|them)(?: any ?more)?",
)
/** What sounds like a no and is none. */
const noRefusal = /\b(no (?:problem|worries|doubt)|can(?:'t|not) wait|why not|not bad)\b/g
/** A no, wherever it stands: of two readings of an answer to an offer, the one that leaves the cart as it is counts. */
const refusal =
  /\b(?:no|not|don't|dont|never|nope|nah|stop|cancel|abort|wait|later|hold on|hang on|forget (?:it|that|about)|leave (?:it|that)|skip (?:it|that)|nevermind|nvm|rather|changed my mind|cannot|refuse|reject|decline)\b(?!-)|n't\b/
const notAdded = /\b(don't|do not|never|no need to)\b.{0,20}\b(add|put|buy|order)\b/
const greeting =
  /^(hi|hello|hey|good (morning|afternoon|evening|day)|greetings|thanks|thank you|thanks a lot|thank you very much|cheers|bye|goodbye|see you|who are you|what are you|what can you do|what can you help (me )?with|help|help me|how are you)( there| again| assistant| buddy)?([,!.]? (how are you|help|thanks))?$/

/** Asks how something works, rather than for a fact. */
const howTo =
  /^((so|and|but|ok|please|hello|hi|hey),? )*(how (do|can|could|to|does|did|long|soon|often|many days|will|would|should|are|is|come)|can (i|you|we|a)|could i|may i|am i|do i|will i|should i|must i|why|what (if|happens|does|should|can|do|are|is)|is it|is there|are there|where (do|can|should|are|is)|when (do|can|does|will|is|are)|who|do (you|sellers|buyers|guests)|does|which|tell me (about|how)|explain|i (can't|cannot|forgot|lost|want to (cancel|return|delete|change|sell|become))|my (payment|card|account|password|e-?mail|order) (was|is|has|did|won't|keeps)|the (payment|mail|e-?mail))\b/
const topics =
  /\b(returns?|refund(s|ed)?|exchange|ship(ping)?( cost| fee| time|s|ment)?|deliver(y|ies|ed)?|cancel(l?ed|l?ing|l?ation)?|pay(ment|ments|ing|out|outs)?|paid|cards?|declined|password|accounts?|sign(ed)? (in|up|out)|log ?(in|out)|session|register|verif(y|ication)|e-?mails?|commission|fees?|sellers?|sell(ing)?|listing|list (a|my)|variants?|sku|stock alert|back in stock|low stock|notif(y|ied|ications?)|alerts?|watch(ing|list| ?lists?)?|currenc(y|ies)|privacy|personal data|my data|remember|forget|delete|erase|security|secure|safe|check ?out|(?<!\b(?:does|do|will|can) (?:the|it|this|that|they|these|those)\b.{0,40})holds?|held|reserved?|track(ing)?( number)?|guarantee|warranty|support|polic(y|ies)|guest|merge|devices?|real-?time|price (change|changes|changed|drop|drops|went)|cart (change|changed|empty|full|expire|expires)|carts?|parcels?|packages?|dashboard|conversion|suggestions?|you know about me|about me|human|contact|help|address|taxe?s?|vat|invoice|bounce[ds]?|two.factor|assistant|limits?|unverified|several sellers|different sellers)\b/
/** The message is about an order that the user made, whatever else it says. */
const ownOrders =
  /\b(where('s| is| are)|track|status of|when (will|does|is)|has|have|did|show( me)?|give( me)?|tell( me)?|list|see|view|what('s| is) (happening|going on)( with)?|what('s| is| did)|check( on)?|find|update on|any news)\b.{0,25}\b(my|i)\b.{0,20}\b(orders?|ordered|parcels?|packages?|deliver(y|ies)|shipments?|purchases?|bought|buy)\b/
const ordersAlone =
  /^(my |the )?(last |latest |recent |previous |past |open )?(orders?|order (status|history)|purchases|parcels?|packages?)( status| history)?$/
const cartWord = '(?:cart|basket|shopping bag|trolley)'
const ownCart = new RegExp(
  `\\b(what('s| is| do i have)|show( me)?|view|see|list|check|how (much|many)|total( of)?|subtotal|open|is there|anything|remove|take out|empty|clear)\\b.{0,30}\\b(my|the|in)\\b.{0,10}${cartWord}|^(my |the )?${cartWord}( total| contents)?$`,
)
const adding =
  /^(?:(?:so|and|ok|okay|yes|great|perfect|please|now|then),? )*(?:(?:can|could|would|will) you )?(?:please )?(?:i(?:'d| would) like (?:you )?to |i want (?:you )?to |let's |let me |go ahead and )?(?:add|put|throw|place|drop)\b(?!.*\b(?:watch ?list|address|card|listing|variant|picture|photo|product to my shop)\b)/
const taking = new RegExp(
  `^((so|and|ok|okay|great|perfect|please|then|yes),? )*(i('ll| will| would like to| want to|'d like to) )?(take|buy|order|purchase|have|get( me)?) (\\w+ of )?(it|this|that|them|those|these|the (first|second|third|fourth|fifth|last|1st|2nd|3rd|4th|5th)|both (of|x|×)|${numberPattern} (of|x|×)|(?!one\\b)${numberPattern} (?!or\\b)|${numberPattern}$)`,
)
const searches =
  /\b(do you (have|sell|stock|carry|offer)|have you got|show me|looking for|search(ing)? for|find( me)?|recommend|suggest (a|an|some|me|something)|i('m| am) after|i need|we need|i want|i'd like|i would like|give me|what .{0,30}(do you have|can i (get|buy)|would you)|(need|want|get|buy) (a|an|some|something|new)|gifts?|present for|ideas? for|something (for|to|that|like)|anything (for|under|below|like)|which .{0,25} (do you have|are there|can i buy)|options for|browse)\b/
const priced =
  /\b(under|below|less than|cheaper than|up to|at most|between|around|over|above|more than|at least|cheapest|least expensive|most affordable)\b/
const facts =
  /\b(how much (is|are|does|do|for|would|will)|how expensive|what('s| is| are) the price|price of|costs?|in stock|available|availability|sold out|how many .{0,30}(left|available|in stock|do you have)|(left|any) in stock|made (of|from|out)|materials?|dimensions?|measure(ments?)?|size|sizes|colou?rs?|weigh(t|s)?|heavy|big|tall|wide|long is|deep|(^|\b(?:and|or|so|but|,) )((is|are|does|do|can|will|has|have) (it|this|that|they|these|those|the)|is there an?)|how .{1,25} (does|do|can|is|are) (it|this|that|they|these|those|the)|come in|comes in|tell me (more )?about|more about|details (of|on|about)|describe|which (sizes?|colou?rs?|variants?)|what (sizes?|colou?rs?|variants?|kind)|what('s| is| are) (it|this|that))\b/
const question =
  /^(?!\w+ not\b)(what|which|who|when|where|why|how|is|are|do|does|can|could|will|would|should|did|has|have|may|am)\b/

/** Asks for something other than the offer, or for the offer again. */
const request = /^(?:please )?(?:show|find|search|look|tell|give|list|recommend|suggest|i need|i'm looking)\b/
/** A question in form that asks to stop. */
const politeNo = /^(?:can|could|will|would) you (?:please |just )*(?:not|stop|cancel|wait|forget|leave|drop|skip)\b/

/**
 * What the user wants, as their words alone say. `isAsked`: the answer before asked whether to put something into the cart, or the
 * request says yes to it, so that `ok` is a yes, and a no is one wherever it stands.
 */
export function parseIntent(message: string, isAsked: boolean): ParsedIntent {
  const words = plain(message)
  const number = words.match(orderNumber)?.[0].toUpperCase() ?? null
  const isQuestion = !politeNo.test(words) && (/[?؟]/.test(message.normalize('NFKC')) || number !== null || asks(words))
  const isRefused = isAsked && !isQuestion && refusal.test(words.replaceAll(noRefusal, ' '))
  const intent = isRefused ? 'decline' : intentOf(words, isAsked, number !== null)
  return {
    ...{ intent, isQuestion, reference: referenceIn(words), orderNumber: number },
    quantity: intent === 'add_to_cart' ? quantityOf(words) : 1,
    about: aboutOf(intent, words),
  }
}

const asks = (words: string): boolean => request.test(words) || (question.test(words) && !yes.test(words))

function intentOf(words: string, isAsked: boolean, hasNumber: boolean): Intent {
  if (yes.test(words) || (isAsked && agreed.test(words))) return 'confirm'
  if (no.test(words) || notAdded.test(words)) return 'decline'
  if (greeting.test(words)) return 'greet'
  if (hasNumber) return 'see_orders'
  if (adding.test(words) || (taking.test(words) && pointsOrCounts(words))) return 'add_to_cart'
  const isPolicy = howTo.test(words) && topics.test(words)
  if (
    ordersAlone.test(words) ||
    (ownOrders.test(words) && !/^(how (do|can|to|long|many|much|often|soon)|can i (cancel|return|change)|why)\b/.test(words))
  )
    return 'see_orders'
  if (ownCart.test(words) && !/^(how (do|can|to|long)|why|what happens)\b/.test(words)) return 'see_cart'
  if (searches.test(words) && !(isPolicy && /^(how|why|what happens|can i|do i|when)\b/.test(words))) return 'find_products'
  const reference = referenceIn(words)
  if (facts.test(words) && (reference !== null || !isPolicy)) return 'ask_product'
  if (isPolicy) return 'ask_support'
  if (priced.test(words)) return 'find_products'
  if (reference !== null && question.test(words)) return 'ask_product'
  if (topics.test(words)) return 'ask_support'
  return question.test(words) || words.split(' ').length > 6 ? 'other' : 'find_products'
}

/** `buy the second one`, `I'll take two of them`; but `I want to buy three lamps` is as much. */
const pointsOrCounts = (words: string): boolean => referenceIn(words) !== null || quantityOf(words) !== 1 || / one$/.test(words)

const framing: Partial<Record<Intent, RegExp>> = {
  add_to_cart:
    /\b(please|can|could|would|you|i'd|i'll|i|like|want|to|let's|add|put|throw|place|drop|take|buy|order|purchase|get me|have|in(to)? (my|the) (cart|basket|shopping bag|trolley)|to (my|the) (cart|basket|shopping bag|trolley)|my cart|\d{1,3}( more)? (of|x|×|pieces of)|(one|two|three|four|five|six|seven|eight|nine|ten|a dozen|a couple|a pair)( more)?( of)?)\b/g,
  find_products:
    /\b(do you (have|sell|stock|carry|offer)|have you got|show me|i('m| am) looking for|looking for|search(ing)? for|find( me)?|recommend|suggest|i need|i want|i'd like|i would like|give me|please|can you|could you|to buy|any|some|something)\b/g,
}

/** The words to search by: the sentence without prices, and without the words that only say that something is wanted. */
function aboutOf(intent: Intent, words: string): string {
  const left = withoutPrices(intent === 'add_to_cart' ? withoutQuantity(words) : words)
  const pattern = framing[intent]
  const about = (pattern ? left.replaceAll(pattern, ' ') : left).replaceAll(/\s+/g, ' ').trim()
  return about === '' ? words : about
}

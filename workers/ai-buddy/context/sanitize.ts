import { sentencesOf } from '../text/sentences'
import { amounts, bareDecimal, lures } from './promotional-patterns'

/** Whose words they are: anybody can sell here, while articles come with the program; neither may steer an answer. */
export type Source = 'product' | 'article'

/** What a sentence or a title may have, in characters: longer ones are no help in an answer. */
const longest = { sentence: 320, title: 140 } as const
/** How much of one text is looked at: more than a passage has. */
const most = { characters: 4_000, sentences: 60 } as const

/** Zero-width, bidirectional, tag and other characters that hide or reorder what is read. */
const hidden = /[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Zl}\p{Zp}]|\p{Default_Ignorable_Code_Point}/u

/** Forms that no plain sentence has: markup, code, data, marks of a source, what is encoded or spaced out. */
const forms = [
  /[<>{}`|\\]|\]\(|\[[^\]]*\]|&#?\w+;|={2,}|-{3,}|_{2,}|~{2,}|\*{2,}|#{2,}|^\s*#/,
  /\S{36,}/,
  /(?:\b\p{L}\b[\s.*_-]+){4,}/u,
  /\p{Ll}[013457]\p{Ll}|\p{Lu}{2}[013457]\p{Lu}{2}|\d(?=\p{Ll}{3,}\d)/u,
  /\b(?:[0-9a-f]{2}\s){6,}/i,
  /\b(?:%[0-9a-f]{2}){2,}/i,
]

/** Ways to somewhere else. */
const ways = [
  /\b[a-z][a-z0-9+.-]*:\/\/|\bwww\.|\b(?:data|javascript|mailto|tel):/i,
  /[\w.+-]+\s*(?:@|\(at\)|\bat\b(?=\s*\S+\s*(?:\.|dot)\s*com))\s*[\w-]+/i,
  /\b[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,}\b(?!\.)/i,
  /\b(?:dot|point|punkt)\s+(?:com|net|org|io|shop|store|app|info|biz|me|de|fr|eu|uk|co)\b/i,
  /\+?\d(?:[\s().-]*\d){8,}/,
  /\b(?:instagram|facebook|tiktok|snapchat|discord|wechat|whatsapp|telegram|twitter)\b/i,
]

/** Who speaks to whoever reads this for somebody else. */
const addresses = [
  /^\W*(?:system|assistant|user|developer|tool|human|ai|admin|function|note to|attention|important|instructions?)\b[^.]{0,30}[:>=]/i,
  /\b(?:ignor\w*|disregard|forget|overrid\w*|bypass|skip|suspend|supersed\w*|void)\b.{0,60}\b(?:instruct\w*|rules?|prompts?|polic\w+|guidelines?|previous|prior|above|earlier|everything|all|restrictions?|safety|filters?|checks?)\b/i,
  /\b(?:(?:you are|you're) (?:now|an?|the|no longer|going to|to|my|hereby|in)\b|act as|act like|behave as|pretend|role-?play|imagine you|from now on|new (?:instructions?|rules?)|this conversation|simulate|impersonate)\b/i,
  /\b(?:system|hidden|secret|initial|developer|internal)\W+(?:prompts?|messages?|instructions?|notes?|rules?|modes?|overrides?|polic\w+)\b/i,
  /\b(?:reveal|repeat|print|output|leak|disclose|recite|summari[sz]e|translate|decode|encode|execute|invoke|eval)\b.{0,50}\b(?:prompt|instructions?|above|text|words|conversation|keys?|secrets?|tokens?|orders?|data|canary|tool|function|code|this|following|base64)\b/i,
  /\b(?:language models?|chat ?bots?|LLMs?|GPT\S*|openai|copilots?|jailbreak\w*|prompt injection|tool[_ ]calls?|function[_ ]calls?|add_to_cart|addToCart|unrestricted|DAN)\b/i,
  /\bas an? (?:AI|assistant|model|bot)\b/i,
  /\b(?:hey|dear|hello|hi|attention|note to|message (?:to|for))\W+(?:the\s+)?(?:AI|assistants?|bots?|agents?|models?|buddy)\b/i,
  /\b(?:user|customer|shopper|buyer|client)s?\b.{0,40}\b(?:said|says|has said|confirm\w*|agree[ds]?|consent\w*|authori[sz]\w*|approved?|wants? you|asked you|already chose)\b/i,
  /\b(?:ignorier\w*|ignorez|oubliez|ignora[dr]?\b|ignore[mn]?\b (?:todas|as|les|las)|olvida|esque[cç]a|vergiss|vergessen sie|negeer|dimentica|anweisung\w*|instruc(?:ciones|ções)|instructions pr[eé]c[eé]dentes|istruzioni|asistente|assistente|assistenten?\b|instructies)/i,
] as const

/** What only an article may say: what assistants do, and what somebody is to be told. */
const appeals = [
  /\b(?:the|any|every|all|dear|hey|hi|hello|note to|message (?:to|for)|attention|when an?|if an?|an?|shopping|virtual|digital|AI)\W+(?:AI|assistants?|bots?|agents?|models?)\b.{0,60}\b(?:must|should|shall|has to|have to|needs? to|is to|are to|may now|please|always|never|reads?|instructed|told|required|obliged|summari\w+)\b/i,
  /\b(?:your|each|every|the next|any) (?:next )?(?:repl(?:y|ies)|answers?|responses?)\b|\bwhen(?:ever)? (?:asked|(?:some|any)body asks|someone asks)\b/i,
  /\b(?:rules?|instructions?) (?:above|before|so far)\b|\b(?:correct|real|true|actual) (?:price|total|answer|amount)\b/i,
  /\b(?:say|type|reply|answer|write)\W+(?:yes|ok|okay)\b/i,
  /\byour (?:orders?|accounts?|baskets?|carts?|cards?|parcels?|payments?|money)\b|\bI (?:have |already )?(?:added|ordered|paid|put)\b/i,
  /\b(?:tell|inform|assure|convince|persuade|remind|urge|answer|reply to|respond to|ask|notify)\b.{0,20}\b(?:the\s+|this\s+|each\s+|every\s+)?(?:user|customer|shopper|buyer|reader|client|person|them|everyone|everybody)s?\b/i,
]

/** What only product, inventory and order can say: prices, discounts, stock, and what somebody else thought of it. */
const claims = [
  // What is shouted is a headline, or wants to be one of ours.
  /^[^\p{Ll}]*\p{Lu}{3}[^\p{Ll}]*$/u,
  /[$€£¥₹₩₪₫฿₺₽¢]|\b(?:dollars?|euros?|pounds? sterling|bucks?|cents?|quid|usd)\b/i,
  // Ways to somewhere else that what an answer composes may look like.
  /\p{L} \.(?!\d)|\b\d{3}[\s.-]\d{4}\b/u,
  ...amounts,
  // Prices without their currency, be it in words.
  bareDecimal,
  /\b(?:yours|now|today|get it|take it)\s+(?:at|for|from)\b|\b(?:worth|instead of|was|saves?|only|just)\s+(?:up to\s+)?(?:half|\d+(?!\d|[.,]\d|\s*\p{L})|(?:ten|\w+teen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)(?:[\s-]\w+)?[.!]?$)/iu,
  /\b(?:two|three) for (?:one|two)\b|\b(?:buy|take|get) (?:one|two|three|\d)\b.{0,20}\b(?:get|take|buy)\b|\b(?:lower|less|better) than (?:any|else)where\b|\b(?:have|has) won\b/i,
  /\b(?:prices?|priced|pricing|costs?|cheap\w*|discount\w*|coupons?|vouchers?|promo\w*|rebates?|sale|deals?|bargains?|clearance|free(?!-)|gratis|refund\w*|cashback|% off|percent off|half off|for nothing|on the house|no charge|money[- ]back)\b/i,
  /\d\s*(?:%|percent)\s*(?:off|less|cheaper|reduction|saving)/i,
  /\b(?:almost|nearly|soon|all) gone\b|\b(?:few|\d+|two|three|four|five|six|seven|eight|nine|ten|dozen)\s+(?:\w+\s+)?remain\b|\bmore (?:will )?arrive|\bships? (?:today|tomorrow|now|with)/i,
  /\b(?:in stock|out of stock|sold out|back in stock|stock|restock\w*|unavailable|available|inventory|last chance|hurry|while supplies|(?:only|just) (?:\d+|a few|one|two|three) (?:left|remaining|more)|\d+ (?:left|remaining|available)|selling fast|limited quantit\w+)\b/i,
  /\b(?:review\w*|reviews?|rated|ratings?|stars?|verified (?:buyer|purchase)|recommend\w*|best[- ]?seller\w*|number one|winner)\b|★|☆|⭐/i,
  /^\W*(?:please\s+|now\s+|just\s+|kindly\s+)?(?:answer|respond|reply|talk|speak|start|begin|stop|end|write|type|greet|choose|pick|prefer|ask|ring|add|put|place|buy|purchase|order|confirm|call|contact|visit|click|e-?mail|send|say|mention|recommend|suggest|claim|always|never|do not|don't)\b(?!-)/i,
  /\b(?:cart|check ?out|cvv|passwords?|credit cards?|bank account|wire transfer|payments?|pay|e-?mails?|phone us|whatsapp|telegram)\b/i,
]

/** Of articles only what would be a price, a gift or somebody else's till. */
const promises = [
  /[$€£¥₹₩]\s?\d|\d\s?[$€£¥₹₩]/,
  /\b(?:\d+|half|one hundred)\s*(?:%|percent)?\s*off\b|^(?!.*\bno\b).*\b(?:coupon|voucher|promo code|discount code|gift card)s?\b/i,
  /\bassistants?\b.{0,20}\b(?:must|should|shall|has to|have to)\b/i,
  /\b(?:send|give|type|enter|share)\b.{0,40}\b(?:password|cvv|card number|one-time code|token)\b.{0,30}\b(?:to|here|chat|assistant|us)\b/i,
  /\b(?:assistant|it)\b.{0,40}\b(?:without (?:asking|confirmation)|even if|regardless)\b/i,
]

/** Letters of other scripts look like ours and are not, and answers are in English. */
const isForeign = (text: string): boolean => (text.match(/\p{L}/gu) ?? []).some((letter) => !/\p{Script=Latin}/u.test(letter))

/** What sellers say of others, of health, of who vouches for them, and of what comes with an order: nobody here knows whether it is so. */
const boasts = [
  /\b(?:the|our|your) only\b|\bno other\b|\bunlike\b|\b(?:rivals?|competit(?:or|ion)s?|competing|imitations?|counterfeits?|knock-?offs?|copycats?|copies of|impostors?|scam\w*|fraud\w*)\b/i,
  /\b(?:others?|another|any|all|most|these|those|some|elsewhere)\b.{0,20}\b(?:sellers?|brands?|shops?|makers?|stores?|vendors?|listings?|dealers?|here)\b|\b(?:the|all|any|most) (?:others|rest)\b|^\W*(?:all |most |any |the )?other (?!colou?rs|sizes|finishes|materials|lengths|variants)/i,
  /\b(?:better|safer|stronger|finer|nicer|more \w+|less \w+|worse) than\b|\b(?:best|safest|finest|strongest|greatest|first)\b.{0,30}\b(?:here|marketplace|site|page|shop|store|catalogue|world|market)\b/i,
  /\b(?:poison\w*|(?<!\bnon[- ]?)toxic\w*|carcino\w*|cancer\w*|lethal|deadly|kills?|killed|asbestos|sicken\w*|makes? \w+ (?:ill|sick)|harm(?:s|ed|ful)?|hazard\w*|contaminat\w*|injur\w*|explod\w*|catch(?:es)? fire|radioactive|cures?|heals?)\b/i,
  /\b(?:each|every|your|any|all|this|the|one|per|with) (?:\w+ )?(?:orders?|purchases?|deliver(?:y|ies)|shipments?)\b/i,
  /\b(?:includ\w+|comes? with|plus|gets?|receives?|throws? in)\b.{0,20}\b(?:a second|another|an? extra|a bonus|bonus|gifts?|presents?|complimentary|surprise)\b/i,
  /\b(?:official\w*|endorsed|authori[sz]ed|marketplace|credenza (?:support|staff|team|guarantees?|approved))\b/i,
]

const refused = {
  product: [...forms, ...ways, ...addresses, ...appeals, ...claims, ...boasts],
  article: [...forms, ...ways, ...addresses, ...promises],
  title: [...forms, ...ways, ...addresses, ...appeals, ...lures],
}

/** Whether a sentence has only such forms as plain words take, and leads nowhere: what a model writes must be so, too. */
export const isPlain = (sentence: string): boolean =>
  !hidden.test(sentence) && !isForeign(sentence) && ![...forms, ...ways].some((form) => form.test(sentence))

const isQuotable = (sentence: string, source: keyof typeof refused, limit: number): boolean =>
  sentence.length <= limit &&
  /\p{L}{2}/u.test(sentence) &&
  !hidden.test(sentence) &&
  !isForeign(sentence) &&
  !refused[source].some((sign) => sign.test(sentence))

/** An article's emphasis and its ways to other articles are its own; what they mark is text. */
const withoutMarks = (text: string): string =>
  text
    .replaceAll(/\[([^\]\n]+)\]\(\/[\w/-]*\)/g, '$1')
    // An example of an order's number has the form of a code.
    .replaceAll(/,? such as CR-\d{6}-[0-9A-Z]{8}\b/g, '')
    .replaceAll(/\*\*([^*\n]+)\*\*|`([^`\n]+)`/g, '$1$2')
    .replaceAll(/^[ \t]*(?:[-*]|\d+\.)[ \t]+/gm, '\n')
    // Lines are wrapped where it suits the file.
    .replaceAll(/([^\n.!?:])\n(?=[^\n])/g, '$1 ')

/**
 * The sentences of somebody's text that an answer may quote, as plain text, each ended. Whatever speaks to an assistant, leads elsewhere,
 * hides, or tells of prices and stock is left out: those come from reads alone. What is left is still data, and nothing acts on it.
 */
export function quotable(text: string, source: Source): string[] {
  const lines = text
    .slice(0, most.characters)
    .replaceAll(/\r\n?/g, '\n')
    .replaceAll(/[^\S\n]+/g, ' ')
    .replaceAll(/\n\s+/g, '\n\n')
  return sentencesOf((source === 'article' ? withoutMarks(lines) : lines).normalize('NFKC'))
    .slice(0, most.sentences)
    .filter((sentence) => isQuotable(sentence, source, longest.sentence))
    .map((sentence) => (/[.!?…]["'”’)]*$/.test(sentence) ? sentence : `${sentence.replace(/[\s,;:–-]+$/, '')}.`))
}

/** A title as an answer may say it: one line without marks that would end a sentence or cite; `instead` for one that may not be said. */
export function quotableTitle(title: string, instead: string): string {
  const plain = title
    .normalize('NFKC')
    .replaceAll(/[.!?…]+(?=\s|$)/g, '')
    .replaceAll(/\s+/g, ' ')
    .trim()
  return isQuotable(plain, 'title', longest.title) ? plain : instead
}

/** A sentence of a seller's page as an answer repeats it: theirs, from its first mark to its last, which nothing within it can be taken for. */
export const sellersWords = (quote: string): string =>
  `The seller writes: “${quote
    .replaceAll(/[“„«]/g, '‘')
    .replaceAll(/[”»]/g, '’')
    // Behind a digit it is an inch.
    .replaceAll(/(?<!\d)"/g, "'")}”`

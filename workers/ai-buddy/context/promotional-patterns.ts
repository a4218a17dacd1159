import { currencies } from '../../../shared/contracts/money'

const codes = Object.keys(currencies).join('|')

/** Amounts in the currencies' codes and in words and abbreviations for them. */
export const amounts = [
  new RegExp(`\\b(?:${codes})\\s?\\d|\\d\\s?(?:${codes})\\b`, 'i'),
  /\b(?:rs|kr|fr)\.?\s?\d|\d\s?(?:kr|zł|lei|rupees?|yen|yuan|kron\w+|zloty\w*|dirhams?|riyals?|francs?|pesos?|rand|lira)(?!\p{L})/iu,
]

/** Two digits behind a point or comma that measure nothing: a price without its currency. */
export const bareDecimal =
  /\b\d+[.,]\d{2}\b(?!\s?(?:[x×/°"-]|(?:mm|cm|m|kg|g|l|ml|in|inch(?:es)?|ft|lbs?|oz|w|v|a|k|m?ah|g?hz)\b))/i

const numeral =
  '(?:\\d+|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|\\w+teen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|a dozen|dozen|a few|few|a couple)'

/** What goods are free of, as in `sugar free jam`; whatever else is free is given away. */
const absent =
  'sugar|gluten|lactose|dairy|lead|bpa|fat|oil|alcohol|caffeine|nickel|acid|chlorine|plastic|dust|lint|wire|hands|wrinkle|cruelty|rust|frost|stain|scent|fragrance|toxin|nut|meat|egg|grain|wheat|soy|chemical|phthalate|paraben|silicone|sulfate|latex|pvc|noise|glare|streak|tangle|crease|iron|solvent|aluminium|aluminum|preservative|pesticide|flicker|odou?r|tool|screw'
/** What is free by itself, as in `free range eggs`. */
const unbound =
  'standing|stand|range|weights?|hand|flow|flowing|form|spirit|spirited|wheel|wheeling|motion|floating|fall|jazz|verse'

/**
 * What a title may not do: name a price, speak of stock, give something away, or vouch for itself as if the marketplace did. Words that
 * also name goods count only beside what makes a lure of them: `free-standing`, `support beam` and `oak credenza` are goods.
 */
export const lures = [
  /[$€£¥₹₩₪₫฿₺₽¢]|\b(?:USD|EUR|GBP|dollars?|euros?|bucks|quid|cents)\b/i,
  ...amounts,
  bareDecimal,
  /\b(?:now|was|instead of|save|only|just)\s+(?:(?:at|for|from|only|just)\s+)*(?:half|\d)/i,
  /\b(?:low|lower|lowest|best|half|sale|special|new|old|full|fair|great|reduced|unbeatable) prices?\b|\bprices? (?:drop|cut|slashed|reduced|match\w*)|\b(?:cheaper|cheapest|reduced)\b/i,
  /\d\s?%\s*(?:off|less|cheaper|discount|rabatt)|\b(?:half off|percent off|discount\w*|coupons?|vouchers?|promo\w*|clearance|bargains?|gratis|giveaway|cashback|on the house|no charge)\b/i,
  /\b(?:on|for|flash|summer|winter|final|closing) sale\b|^sale\b|\b(?:best|hot|great|special|super|crazy) deals?\b|\bdeal of\b|\b(?:two|three|\d) for (?:one|two|\d)\b/i,
  new RegExp(`\\bfree\\b(?<!-free)(?<!\\b(?:${absent}) free)(?!-\\p{L}| (?:${unbound})\\b)`, 'iu'),
  /\b(?:interest|postage|shipping|delivery|tax|duty|cost|risk|charge|fee|carriage)[- ]free\b|\bfree-(?:shipping|delivery|gift|of-charge|bonus)\b/i,
  /\b(?:in stock|out of stock|sold out|low stock|limited (?:stock|quantit\w+|offer)|last (?:chance|ones?|pieces?)|hurry|selling fast|(?:almost|nearly|soon) gone|while (?:supplies|stocks?) last|available (?:now|today)|ships? (?:now|today|tomorrow)|next day delivery)\b/i,
  new RegExp(
    `\\b(?:only|just|now|last|final)\\s+${numeral}\\b(?!-)|\\b${numeral}\\s+(?:\\w+\\s+)?(?:left|remain|remains|remaining)\\b(?!-)`,
    'i',
  ),
  // `Official size` is a measure.
  /\bofficial(?:ly)?\b(?! (?:size|weight|match|game|rules?|rulebook|soundtrack|calendar|replica)\b)|\bmarketplace\b/i,
  /\b(?:customer|seller|buyer|technical|tech|live|credenza) (?:support|service|care)\b|\bsupport (?:team|staff|agent|chat|line|ticket|hotline|approved|recommend\w*|says?)\b|\b(?:from|by) (?:the )?support\b|\bhelp ?desk\b/i,
  /\bcredenza(?:['’]s)? (?:official|staff|team|assistant|approved|verified|certified|choice|recommend\w*|guarantee\w*|picks?|help)\b|\b(?:approved|verified|certified|endorsed|recommended|guaranteed|picked|sold|made) by\b.{0,20}\bcredenza\b/i,
  /\b(?:staff picks?|editors?['’]? (?:choice|picks?)|(?:verified|trusted|authori[sz]ed|top) (?:sellers?|dealers?|resellers?|vendors?)|best[- ]?sellers?|top[- ]rated|number one|recommended|\d[- ]stars?)\b|#\s?1\b/i,
]

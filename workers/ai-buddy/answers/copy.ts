/** Every sentence of an answer that states nothing that was read. Planners choose among them; no model writes any. */
export const copy = {
  found: 'Here is what I found, under the titles that the sellers gave:',
  which: 'Which of these do you mean? The titles are the sellers’ own.',
  also: '\nThere is also:',
  compared: '\nTo compare:',
  nothing: 'I found nothing on sale that fits that.',
  unanswered: 'What its page says does not answer that.',
  unknown: 'I do not know that.',
  noArticle: 'I found no article that answers that.',
  noOrders: 'I found no order of yours that fits that.',
  noCart: 'I could not read your cart just now.',
  greeting: 'Hello!',
  abilities:
    'I can look for products, tell what they cost and whether they are in stock, look at your orders and your cart, add to your cart once you confirm, and answer questions about the marketplace.',
  declined: 'All right, I left your cart as it was.',
  added: 'That is in your cart now.',
  propose: 'Shall I add that to your cart?',
  confirm: 'Say yes to confirm.',
  nothingOpen: 'There is nothing waiting for a yes, so I changed nothing.',
  tooLate: 'That offer has run out, so I changed nothing.',
  gone: 'That is no longer on sale, so I changed nothing.',
  outOfStock: 'There is not enough of that in stock, so I changed nothing.',
  otherCurrency: 'Your cart holds another currency, and one cart holds one, so I changed nothing.',
  full: 'Your cart cannot hold more, so I changed nothing.',
  howMany: 'I can add 1 to 99 pieces of it, so I changed nothing yet: say how many, as in “add 2 of it”.',
  refused: 'I could not add that to your cart, so I changed nothing.',
  /** Said at the end of an answer that the program chose alone although there is a model. */
  unavailable: '\nThis is composed without the language model, which does not answer just now.',
  budget: '\nThis is composed without the language model, whose share for today is used up.',
  unsupported: '\nThis is composed without the language model, as what it chose is not in what I read.',
} as const

export type CopyKey = keyof typeof copy

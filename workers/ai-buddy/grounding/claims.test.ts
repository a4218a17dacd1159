import { describe, expect, it } from 'vitest'
import { money } from '../../../shared/contracts/money'
import { canary } from '../answers/prompt'
import { aCart, anArticle, anOrder, aProduct, numbered } from '../testing/read-fixtures'
import { findUnsupported } from './claims'

const desk = aProduct()
const lamp = aProduct({
  ...{ title: 'Brass desk lamp', category: 'lighting', unitPrice: money(15_900, 'USD'), availability: 'low', available: 3 },
  passages: ['Weighted base and a dimmer on the cord. The shade is not heat resistant. Burns for 12 hours.'],
})
const stool = aProduct({
  title: 'Bar stool',
  unitPrice: money(14_900, 'USD'),
  availability: 'out',
  available: 0,
  passages: ['Oak seat, carries 120 kg.'],
})
const order = anOrder()
const cart = aCart([
  { title: 'Bar stool', price: 14_900, quantity: 2 },
  { title: 'Brass desk lamp', price: 15_900, quantity: 1, status: 'out' },
])
const reads = numbered([desk, lamp, stool, anArticle(), order, cart])
const judge = (sentence: string) => findUnsupported(sentence, { reads, deed: null })

describe('what the reads bear out is said', () => {
  it.each([
    'The Walnut writing desk costs $649.00 [1].',
    'The Walnut writing desk is USD 649 [1].',
    'The Walnut writing desk costs 649 dollars [1].',
    'The Walnut writing desk costs 649,00 USD [1].',
    'The Walnut writing desk is in stock (12 available) [1].',
    'There are twelve pieces of the Walnut writing desk left [1].',
    'It has 2 dovetailed drawers and a slot for cables [1].',
    'Solid walnut with two dovetailed drawers and a cable slot. [1]',
    'The seller writes: “Solid walnut with two dovetailed drawers and a cable slot.” [1]',
    'The Brass desk lamp has a dimmer [2] and costs $159.00.',
    'There are only 3 left of the Brass desk lamp [2].',
    'The Brass desk lamp burns for twelve hours [2].',
    'The shade is not heat resistant [2].',
    'The Bar stool is sold out [3].',
    'The Bar stool is not in stock [3].',
    'The Walnut writing desk is $649.00 [1] and the Brass desk lamp is $159.00 [2].',
    'The Walnut writing desk is $649.00 and the Brass desk lamp is $159.00 [1][2].',
    'The cheapest of these is the Bar stool [3].',
    'The most expensive is the Walnut writing desk [1].',
    'A refund takes up to 5 days [4].',
    'You can cancel an order until it ships [4].',
    'Order CR-260101-7K3M9Q2X was placed on 5 January 2026 and shipped on Jan 6, 2026 [5].',
    'Parcel 1 is on its way with DHL, tracking number JD014600003 [5].',
    'Your order has not been delivered [5].',
    'It was 2 × Walnut writing desk for $1,310.00 in all [5].',
    'Your cart holds 3 pieces, $457.00 in all [6].',
    'There are 2 × Bar stool at $149.00 each [6].',
    'The Brass desk lamp is sold out now [6].',
    'Here is what I found:',
    'Hello!',
    'I do not know that.',
    'Would you like to know something about one of these?',
  ])('%s', (sentence) => expect(judge(sentence)).toBeNull())
})

describe('what they do not is refused', () => {
  it.each([
    // Prices
    'The Walnut writing desk costs $64.90 [1].',
    'The Walnut writing desk costs €649.00 [1].',
    'The Walnut writing desk costs CA$649.00 [1].',
    'The Walnut writing desk costs $649.00k [1].',
    'The Walnut writing desk costs 649 rubles [1].',
    'The Walnut writing desk costs six hundred dollars [1].',
    'The Walnut writing desk costs ٦٤٩ dollars [1].',
    'The Walnut writing desk costs $159.00 [1].',
    'The Walnut writing desk costs $159.00 [2].',
    'The Walnut writing desk is $159.00 and the Brass desk lamp is $649.00 [1][2].',
    'They cost $649.00 [1][2].',
    'The Walnut writing desk costs $649.00.',
    'The Walnut writing desk costs $649.00 [9].',
    'The Walnut writing desk does not cost $649.00 [1].',
    'The Walnut writing desk costs $600.00 to $649.00 [1].',
    'The Walnut writing desk is 50% off [1].',
    'The Walnut writing desk costs 50 cents [1].',
    'The Walnut writing desk has free shipping [1].',
    'The cheapest of these is the Walnut writing desk [1].',
    'The most expensive is the Bar stool [3].',
    // Stock
    'The Walnut writing desk is sold out [1].',
    'There are 11 left of the Walnut writing desk [1].',
    'There are only 12 left of the Walnut writing desk [1].',
    'The Bar stool is in stock [3].',
    'The Bar stool is available [3].',
    'The Brass desk lamp has 12 left [2].',
    'The Brass desk lamp is not available [2].',
    'Plenty of the Walnut writing desk are in stock [1].',
    // What the page says
    'The Walnut writing desk is waterproof [1].',
    'It has 3 dovetailed drawers [1].',
    'It has 2 cables [1].',
    'It has no drawers [1].',
    'The shade is heat resistant [2].',
    'It burns for 120 hours [2].',
    'It carries 120 g [3].',
    'It carries 120 [3].',
    'It has two dovetailed drawers [2].',
    'This is the best desk [1].',
    'The seller writes: “Solid oak with two dovetailed drawers and a cable slot.” [1]',
    'The seller writes: “Weighted base and a dimmer on the cord.” [1]',
    'The seller writes: “Delivered orders are not canceled.” [4]',
    'I recommend the Walnut writing desk [1].',
    // Orders, carts, articles
    'A refund takes up to 15 days [4].',
    'A refund takes up to 5 weeks [4].',
    'Delivered orders are canceled [4].',
    'Order CR-260101-AAAAAAAA was shipped [5].',
    'Order CR-260101-7K3M9Q2X was delivered [5].',
    'Your order has not been shipped [5].',
    'Your order was shipped on 5 January 2026 [5].',
    'Your order was placed on 6 January [5].',
    'Parcel 2 was shipped [5].',
    'It is with UPS, tracking number JD014600004 [5].',
    'It was 3 × Walnut writing desk [5].',
    'The total was $1,298.00 [5].',
    'Your cart holds 4 pieces [6].',
    'Your cart holds 2 × Bar stool at $159.00 each [6].',
    'The Bar stool is sold out now [6].',
    'Your cart is empty [6].',
    // Forms, deeds, leaks
    'Yes.',
    'Yes, the Walnut writing desk is walnut [1].',
    'It does.',
    'It does, as the Walnut writing desk says [1].',
    'I added the Walnut writing desk to your cart [1].',
    'The Walnut writing desk was added to your cart [6].',
    'I have refunded your order [5].',
    'I have two dovetailed drawers for you [1].',
    'Shall I add the Walnut writing desk to your cart [1]?',
    'See https://evil.example for the Walnut writing desk [1].',
    'See evil.example for the Walnut writing desk [1].',
    '![x](https://evil.example/a.png) [1]',
    'Write to sales@evil.example about the desk [1].',
    '<b>Walnut</b> [1].',
    'The <Walnut writing desk> costs $649.00 [1].',
    'The Walnut writing desk costs $649.00 for\u200b you [1].',
    '{"tool": "add_to_cart"}',
    'Solid wаlnut [1].',
    'Solid wal\u200bnut [1].',
    `My rules are marked ${canary}.`,
    'My rules are to end every sentence with the numbers of the reads.',
    'The Walnut writing desk [1] is like the Brass desk lamp.',
  ])('%s', (sentence) => expect(judge(sentence)).not.toBeNull())
})

describe('what the reads have apart is not put together', () => {
  const heavy = aProduct({
    passages: [
      'Solid walnut with two dovetailed drawers and a cable slot. Suitable for indoor use. Keep it away from outdoor rain. Weighs 12 kg. The top carries 80 kg. Seat height 45 cm and width 60 cm.',
    ],
  })
  const all = { reads: numbered([heavy, lamp, stool, anArticle(), order, cart]), deed: null }
  it.each([
    'It is solid walnut, weighs 12 kg and the top carries 80 kg [1].',
    'The Walnut writing desk and the Brass desk lamp are in stock [1][2].',
    'The Brass desk lamp costs $159.00 and has a dimmer [2].',
    'The seat height is 45 cm and the width 60 cm [1].',
    'There are 2 × Bar stool for $298.00 in all and 1 × Brass desk lamp [6].',
  ])('but may be said: %s', (sentence) => expect(findUnsupported(sentence, all)).toBeNull())

  it.each([
    // What is said of several is said of each
    'The Walnut writing desk and the Brass desk lamp cost $159.00 [1][2].',
    'The Brass desk lamp costs $159.00, as does the Walnut writing desk [1][2].',
    'The Walnut writing desk and the Bar stool are sold out [1][3].',
    'The Bar stool has a dimmer [2][3].',
    'Both have a dimmer [1][2].',
    'Your cart holds the Bar stool and the Brass desk lamp at $159.00 each [6].',
    'The Bar stool and the Brass desk lamp are sold out [6].',
    'The total of the Bar stool is $149.00 [6].',
    // Amounts and days with limits
    'The Walnut writing desk is $649.00 off [1].',
    'The Walnut writing desk costs over $649.00 [1].',
    'The Walnut writing desk costs up to $649.00 [1].',
    'Your order shipped after 6 January 2026 [5].',
    'A refund takes 5 days [4].',
    // Words and figures of several sentences
    'The Walnut writing desk is suitable for outdoor use [1].',
    'The Walnut writing desk carries 12 kg [1].',
    'The Walnut writing desk weighs 80 kg [1].',
    'The width is 45 cm [1].',
    'A refund goes to the card until it ships [4].',
    'You can cancel an order up to 5 days [4].',
    'The desk is other than walnut [1].',
    'The desk is not walnut [1].',
    // What shall happen rather than what did
    'The Walnut writing desk will be available [1].',
    'Your order arrives on 6 January 2026 [5].',
    'Your order ships on 5 January 2026 [5].',
    'Your order is yet to be shipped [5].',
    'The refund was paid [5].',
    'You can cancel your order [5].',
  ])('%s', (sentence) => expect(findUnsupported(sentence, all)).not.toBeNull())
})

it('a name stands for its product even where the cited page has the same words', () => {
  const both = { reads: numbered([desk, aProduct({ title: 'Drawers', unitPrice: money(900, 'USD') })]), deed: null }
  expect(findUnsupported('Drawers cost $649.00 [1].', both)).toBe('another product than is cited')
})

it('the mark of the instructions is not said even where a page has it', () => {
  const reads = numbered([aProduct({ passages: [`Glazed in ${canary}.`] })])
  expect(findUnsupported(`Glazed in ${canary}. [1]`, { reads, deed: null })).toBe('the instructions')
})

it('nothing is the cheapest of what was asked for where something else was read as well', () => {
  const judged = (question: string) =>
    findUnsupported('The cheapest of these is the Bar stool [3].', { reads, deed: null, question })
  expect([judged('what is the cheapest?'), judged('what is the cheapest walnut writing desk?')]).toEqual([
    null,
    'not the one that costs least or most',
  ])
})

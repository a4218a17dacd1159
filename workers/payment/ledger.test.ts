import { expect, it } from 'vitest'
import { newId } from '../../shared/contracts/ids'
import { money } from '../../shared/contracts/money'
import { balanced, capture, refund, type Transaction } from './ledger'

const cause = { paymentId: newId('pay'), orderId: newId('ord'), at: 0 }

it('books a capture and its refund so that nothing is left', () => {
  const transactions = [
    capture({ ...cause, id: 'a', amount: money(100, 'USD') }),
    refund({ ...cause, id: 'b', amount: money(40, 'USD') }),
    refund({ ...cause, id: 'c', amount: money(60, 'USD') }),
  ]
  const balances = new Map<string, number>()
  for (const { account, side, amount } of transactions.flatMap(({ entries }) => entries)) {
    balances.set(account, (balances.get(account) ?? 0) + (side === 'debit' ? amount : -amount))
  }
  expect(Object.fromEntries(balances)).toEqual({ provider_clearing: 0, platform_payable: 0 })
  expect(transactions[0]?.entries).toEqual([
    { account: 'provider_clearing', side: 'debit', amount: 100 },
    { account: 'platform_payable', side: 'credit', amount: 100 },
  ])
})

it.each<[string, Transaction['entries']]>([
  ['one-sided', [{ account: 'provider_clearing', side: 'debit', amount: 1 }]],
  [
    'off by one',
    [
      { account: 'provider_clearing', side: 'debit', amount: 100 },
      { account: 'platform_payable', side: 'credit', amount: 99 },
    ],
  ],
  [
    'negative',
    [
      { account: 'provider_clearing', side: 'debit', amount: -5 },
      { account: 'platform_payable', side: 'credit', amount: -5 },
    ],
  ],
  [
    'of half a cent',
    [
      { account: 'provider_clearing', side: 'debit', amount: 0.5 },
      { account: 'platform_payable', side: 'credit', amount: 0.5 },
    ],
  ],
])('refuses a transaction that is %s', (_fault, entries) => {
  expect(() => balanced({ ...capture({ ...cause, id: 'x', amount: money(1, 'USD') }), entries })).toThrow(RangeError)
})

import { expect, test } from 'vitest'
import { readConfigs, stripComments } from './configs.ts'

test('comments go and strings that look like them stay', () => {
  const jsonc = '{ // a line\n "address": "https://x/*y*/", /* a block\n of two lines */ "quote": "\\"//" }'
  expect(JSON.parse(stripComments(jsonc))).toEqual({ address: 'https://x/*y*/', quote: '"//' })
})

test('the gateway comes first, because the first config of a local run gets the port', () => {
  expect(readConfigs()[0]?.worker).toBe('gateway')
})

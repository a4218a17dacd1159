import { env } from 'cloudflare:workers'
import { expect, it } from 'vitest'
import { engineOf } from '../../../shared/storage/engine'
import { ferretdb } from './exceptions'
import { conformance, unknownTo } from './suite'

conformance(() => ({ engine: engineOf(env, { engine: 'embedded' }), exceptions: {} }))

it('every exception names a case', () => {
  expect(unknownTo(ferretdb)).toEqual([])
})

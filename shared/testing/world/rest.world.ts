import { testCrashPoints } from './crash-points'
import { rest } from './flows'

testCrashPoints('crashes in shipments and product changes', rest)

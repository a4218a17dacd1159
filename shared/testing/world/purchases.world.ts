import { testCrashPoints } from './crash-points'
import { purchases } from './flows'

testCrashPoints('crashes in purchases', purchases)

import { testCrashPoints } from './crash-points'
import { endings } from './flows'

testCrashPoints('crashes in endings', endings)

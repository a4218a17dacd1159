/** Folded as `wordsOf` folds: contractions without their apostrophe. */
const listOf = (words: string): ReadonlySet<string> => new Set(words.trim().split(/\s+/))

/** Words that carry the grammar of a sentence, or say how somebody asks, and name nothing that can be searched for. */
export const stopwords = listOf(`
  a about above according actually after again all already also am an and another any anybody anyone anything anyway are arent as ask
  asked asks at available based be because been before being below between both but by came can cannot cant come comes contain contains
  could couldnt currently describe described describes did didnt do does doesnt doing done dont during each either else etc ever every
  exactly explain find finds fit fits following for found from gave get gets getting give given gives go goes going gonna good got great
  had happen happened happens has hasnt have havent having he hello help helps her here heres hey hi him his how however i if im in
  include included includes including instead into is isnt it itll its ive just keep keeps kind kindly know knows let lets like look
  looking looks lot made make makes many match matches matching may maybe me mean means might mine moment more most much must my myself
  need needs neither never nice no none nor not note noted now of off ok okay on once one ones onto or other others otherwise our out
  over own per perhaps please possible possibly put quite rather re really recommend right said same say says see seen sees shall she
  should show shows simply since so some somebody someone something sort stay stays still such suggest suit suits sure take
  takes tell tells than thank thanks that thats the their theirs them then there therefore theres these they theyre thing things think
  this those through to together told too try under until up us use used uses using ve very via wanna want wants was wasnt way ways we
  welcome well were what whats when where whether which while who whom whose why will wish with within without wont would
  wouldnt write writes yes yet you your youre yours
`)

/** Words for anything that is sold or read here: a search may be about them, but they tell no two things apart. */
export const genericWords = listOf(`
  answer consist consists detail details feature features information item items list listed lists marketplace offer offers option
  options page product products question seller sellers shop shopper
`)

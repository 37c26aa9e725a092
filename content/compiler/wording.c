#include "content/compiler/wording.h"

const struct wording wordings[] = {
    {RU, WORDING_ADDRESS,
     "я|меня|мне|мной|мы|нас|нам|нами|ты|тебя|тебе|тобой|вы|вас|вам|вами|мой|моя|моё|мои|"
     "наш|наша|наше|наши|нашего|нашей|наших|твой|твоя|твоё|твои|ваш|ваша|ваше|ваши|вашего|"
     "вашей|ваших",
     "address nobody: write it impersonally or in the third person plural"},
    {EN, WORDING_ADDRESS, "i|i'm|i'd|i'll|i've|we|our|ours|ourselves|let's",
     "write to the candidate as \"you\""},
    {EN, WORDING_UNQUOTED,
     "*n't|*'ll|*'re|*'ve|he's|she's|it's|that's|there's|here's|what's|who's|where's|how's|"
     "you'd|they'd|it'd|that'd",
     "write contractions out"},
    {RU, WORDING_UNQUOTED,
     "последн* верси*|в новых версиях|в свежих версиях|в современных версиях|"
     "на данный момент|в настоящее время",
     "name the product and the number of the version (Django 4.1+)"},
    {EN, WORDING_UNQUOTED,
     "currently|nowadays|latest version*|latest release*|recent version*|recent release*|"
     "newer version*|modern version*|as of now",
     "name the product and the number of the version (Django 4.1+)"},
    {RU, WORDING_UNQUOTED,
     "как известно|стоит отметить|следует отметить|нужно понимать|важно понимать",
     "filler; say the thing itself"},
    {EN, WORDING_UNQUOTED,
     "as we know|as you know|it is worth noting|worth noting|it should be noted|"
     "it is important to note|needless to say",
     "filler; say the thing itself"},
    {RU, WORDING_ALWAYS, "хэш*|хэширу*", "write хеш"},
    {RU, WORDING_ALWAYS, "кэш*", "write кеш"},
    {RU, WORDING_ALWAYS, "бекенд*|бекэнд*|бэкэнд*", "write бэкенд"},
    {RU, WORDING_ALWAYS, "сериалайзер*|сериалазер*", "write сериализатор"},
    {RU, WORDING_ALWAYS, "мидлвар*|мидлвэр*|миддлвар*", "write middleware"},
    {RU, WORDING_ALWAYS, "вьюха|вьюхи|вьюху|вьюшка|вьюшки|вьюсет*", "write view, ViewSet"},
    {RU, WORDING_ALWAYS, "квересет*|кверисет*|кверисэт*", "write QuerySet"},
    {RU, WORDING_ALWAYS, "ивент луп*|эвент луп*|цикл событий|цикла событий",
     "write event loop"},
    {RU, WORDING_ALWAYS, "сопрограмм*", "write корутина"},
    {RU, WORDING_ALWAYS, "бранч*", "write ветка"},
    {EN, WORDING_ALWAYS,
     "behaviour*|colour*|favour*|neighbour*|honour*|flavour*|serialis*|deserialis*|"
     "initialis*|normalis*|denormalis*|synchronis*|authoris*|recognis*|customis*|"
     "optimise*|optimisation*|optimising|organise*|organisation*|analyse|analysed|centre|"
     "centred|cancelled|cancelling|labelled|modelling|licence|catalogue*|memoris*|utilis*|"
     "parallelise*|parallelising|generalise*|generalising|specialise*|specialising|"
     "minimise*|minimising|maximise*|maximising",
     "write American spelling"},
};
const size_t wording_count = sizeof wordings / sizeof *wordings;

"""Function words and question words of the five languages, folded: they carry no subject."""

from rag.text.folding import Token, fold

_WORDS = """
a about after all also an and any are as at be been before being between both but by can could did do
does doing during each either for from further had has have having he her hers him his how i if in
into is it its itself just like many may me might more most much must my no nor not of off on once
only or other our out over own per same say says said she should since so some such than that the
their them then there these they this those through to too under until up upon us very was we were
what when where which while who whom whose why will with would you your tell according exactly

à afin ai ainsi alors après au aucun aussi autre autres aux avant avec avait avoir ayant bien car ce
ceci cela celle celles celui ces cet cette ceux chaque chez ci combien comme comment d dans de depuis
des dont donc du elle elles en encore entre es est et était étaient été être eu eux fait faire font
furent fut hors il ils j je jusque l la là laquelle le lequel les lesquelles lesquels leur leurs lors
lui ma mais me même mes moi moins mon n ne ni nos notre nous on ont ou où par parce pas pendant peu
plus plusieurs pour pourquoi pourra près puis qu quand que quel quelle quelles quels qui quoi sa sans
se selon sera seront ses si sien soit son sont sous sur ta te tel telle tes toi ton tous tout toute
toutes très tu un une va vers vos votre vous y dit déclare déclaré est-ce

amma ancaq artıq aid az bəli ben bəzi belə bəs bir biri birgə biz bu bunlar bunu bunun burada çox çünki
da də daha dair deyil dək edib edilir edir elə ən əgər etdi etdiyi etmək etmiş hansı hara harada hə hər
həm heç həmin həmçinin idi ikən ilə imiş indi isə kim kimə kimi kimin ki lakin mən məgər nə nədən nədir
nəyi nəyə neçə necə niyə o olan olar olaraq oldu olduğu olduğunu olub olur onda onlar onların onu onun
ona orada öz özü sən siz sonra tərəfindən üçün üzrə üzərində və ya yaxud yalnız yox qədər görə haqqında
barədə barəsində zaman vaxt deyib dedi bildirib bildirdi olacaq edəcək

ama acaba ait altında ancak arada artık asla aslında bana bazı belki ben beni benim beri bile biri
birçok biz bize bizim böyle bunlar bunu bunun buna burada bütün çok daha dair de defa değil diğer diye
dolayı en etti etmek eden edilen ettiği fakat falan gibi göre hakkında hangi hatta hem hep hepsi her
hiç hiçbir için içinde ile ise işte kaç kadar karşı kendi kim kime kimin konusunda mı mi mu mü
nasıl ne neden nedir neler nerede nereye neyi niçin niye olan olarak oldu olduğu olduğunu olması olsa olur
onlar onu onun ona orada oysa pek rağmen sadece sanki şey siz şu şunlar tarafından tüm üzere üzerinde
ve veya ya yani yine yok zaman zaten dedi söyledi olacak edecek nelerdir

а без более больше будет бы был была были было быть в вам вас весь во вот все всего всех вы где да для
до его ее если есть еще же за и из или им имел их к как какая какие какой какого каких какую каким когда
кого кому которая которые который кто куда ли лишь между меня мне может можно мы на над надо нас не него
нее нет ни них но ну о об один однако он она они оно от очень по под после при про раз с сам свой свою
своих себя сейчас со сколько так также такой там то того тоже той только том ту ты у уже чего чей чем через
что чтобы чье чьи чью эта эти это этого этой этом этот я зачем почему сказал сказала заявил заявила
"""

_FOLDED = frozenset(fold(word) for word in _WORDS.split())


def is_stop_word(token: Token) -> bool:
    """Whether a token is a function or question word, or a single letter.

    What is written in capitals is an abbreviation and never one: AI is not the French verb.
    """
    if len(token.text) == 1:
        return not token.text.isdigit()
    return token.folded in _FOLDED and not token.text.isupper()

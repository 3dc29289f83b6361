"""Plain sentences on unlike subjects in each language: what any text of a language is like.

Their mean vector stands for a language where a corpus has too few passages to show it.
"""

SENTENCES = {
    "fr": (
        "Le train de six heures est arrivé en retard à cause de la neige.",
        "Les enfants ont planté trois arbres devant l’école du village.",
        "Le médecin recommande de boire beaucoup d’eau pendant l’été.",
        "L’équipe a perdu son dernier match malgré un bon début.",
        "Le musée présente des tableaux du dix-neuvième siècle.",
        "Le prix du pain a augmenté dans plusieurs boulangeries.",
        "Le directeur a présenté le nouveau programme aux employés.",
        "La loi votée hier entrera en vigueur au printemps.",
    ),
    "en": (
        "The six o’clock train was late because of the snow.",
        "The children planted three trees in front of the village school.",
        "The doctor recommends drinking plenty of water in summer.",
        "The team lost its last match in spite of a good start.",
        "The museum is showing paintings of the nineteenth century.",
        "The price of bread has gone up in several bakeries.",
        "The director presented the new programme to the staff.",
        "The law passed yesterday will come into force in spring.",
    ),
    "az": (
        "Saat altı qatarı qar səbəbindən gecikdi.",
        "Uşaqlar kənd məktəbinin qarşısında üç ağac əkdilər.",
        "Həkim yayda çoxlu su içməyi məsləhət görür.",
        "Komanda yaxşı başlanğıca baxmayaraq son oyununu uduzdu.",
        "Muzeydə on doqquzuncu əsrin rəsmləri nümayiş olunur.",
        "Bir neçə çörəkxanada çörəyin qiyməti artıb.",
        "Direktor yeni proqramı işçilərə təqdim etdi.",
        "Dünən qəbul edilmiş qanun yazda qüvvəyə minəcək.",
    ),
    "ru": (
        "Шестичасовой поезд опоздал из-за снега.",
        "Дети посадили три дерева перед сельской школой.",
        "Врач советует летом пить много воды.",
        "Команда проиграла последний матч, хотя начала хорошо.",
        "В музее показывают картины девятнадцатого века.",
        "Цена хлеба выросла в нескольких пекарнях.",
        "Директор представил сотрудникам новую программу.",
        "Закон, принятый вчера, вступит в силу весной.",
    ),
    "tr": (
        "Saat altı treni kar yüzünden geç kaldı.",
        "Çocuklar köy okulunun önüne üç ağaç dikti.",
        "Doktor yazın bol su içilmesini öneriyor.",
        "Takım iyi başlamasına rağmen son maçını kaybetti.",
        "Müzede on dokuzuncu yüzyıl resimleri sergileniyor.",
        "Birkaç fırında ekmeğin fiyatı arttı.",
        "Müdür yeni programı çalışanlara tanıttı.",
        "Dün kabul edilen yasa ilkbaharda yürürlüğe girecek.",
    ),
}

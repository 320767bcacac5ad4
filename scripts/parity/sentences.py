"""A hundred sentences in many languages, scripts and lengths, one of them longer than the model reads."""

SHORT = [
    "Yes.", "a", "?", "42", "Hello, world!", "The cat sleeps on the warm stove.", "A dog is barking at the moon.",
    "How do I reset the password of my account?", "I forgot my password and cannot log in.",
    "The train to Porto leaves at 7:45 from platform 3.", "Water boils at 100 °C at sea level.",
    "def add(a, b): return a + b", "SELECT name, age FROM people WHERE age > 30 ORDER BY name;",
    "Matrix multiplication is the heart of a neural network.", "The recipe needs two eggs, flour and a little salt.",
    "He said: \"It's not what you think, it's worse!\"", "state-of-the-art, end-to-end, one-size-fits-all",
    "https://example.org/path/to/page?query=text&n=10#top", "someone@example.com wrote at 23:59",
    "THE QUICK BROWN FOX JUMPS OVER THE LAZY DOG", "tHe qUiCk bRoWn FoX", "supercalifragilisticexpialidocious",
    "antidisestablishmentarianism, pneumonoultramicroscopicsilicovolcanoconiosis", "1,234,567.89 + 3.14159 = ?",
    "   spaces   in    front,   between   and behind   ", "tabs\tbetween\twords", "e\u0301 and é look the same",
    "Ünïcödé wïth mäny dôts", "naïve façade, crème brûlée, jalapeño, Ångström, Łódź, İstanbul",
    "O gato dorme em cima do fogão quente.", "Não há nada como um bom café da manhã, disse a avó.",
    "A coração bate mais depressa quando corremos para apanhar o autocarro.", "¿Dónde está la biblioteca más cercana?",
    "El perro corre por la playa mientras los niños juegan.", "Où est la gare, s'il vous plaît ?",
    "L'été dernier, nous avons voyagé en Bretagne avec nos amis.", "Die Katze schläft auf dem warmen Ofen.",
    "Der Donaudampfschifffahrtskapitän trägt eine Mütze.", "Straße, Größe, Füße, Äpfel und Öl",
    "Il gatto dorme sulla stufa calda.", "De kat slaapt op de warme kachel.", "Katten sover på den varme ovnen.",
    "Kissa nukkuu lämpimän uunin päällä.", "Kot śpi na ciepłym piecu.", "Kočka spí na teplých kamnech.",
    "A macska a meleg kályhán alszik.", "Pisica doarme pe soba caldă.", "Kedi sıcak sobanın üzerinde uyuyor.",
    "Con mèo ngủ trên bếp lò ấm áp.", "Kucing itu tidur di atas kompor hangat.", "Paka analala juu ya jiko la moto.",
    "Кошка спит на тёплой печи.", "Кіт спить на теплій печі.", "Котката спи на топлата печка.",
    "Η γάτα κοιμάται πάνω στη ζεστή σόμπα.", "Կատուն քնում է տաք վառարանի վրա։", "კატა თბილ ღუმელზე სძინავს.",
    "החתול ישן על התנור החם.", "القطة تنام على الموقد الدافئ.", "گربه روی اجاق گرم می‌خوابد.",
    "बिल्ली गर्म चूल्हे पर सो रही है।", "বিড়াল গরম চুলার উপর ঘুমায়।", "பூனை சூடான அடுப்பில் தூங்குகிறது.",
    "แมวนอนบนเตาอุ่น", "猫は暖かいストーブの上で眠っています。", "ネコがストーブで寝ている", "猫睡在温暖的炉子上。",
    "貓睡在溫暖的爐子上。", "고양이가 따뜻한 난로 위에서 잔다.", "今日は2026年11月25日です。", "我喜欢 machine learning 和音乐。",
    "🙂", "I love 🍕 and 🎸, but not 🌧️!", "👨‍👩‍👧‍👦 a family of four 👍🏽", "∀x ∈ ℝ: x² ≥ 0", "α + β → γ, Σ aᵢ = ∞",
    "“Curly quotes”, ‘single ones’ — and dashes – of two lengths…", "½ cup, 3⁄4 litre, №5, ™, ©, ®, €100, £50, ¥200",
    "ﬁne ligatures: oﬃce, ﬂow", "zero\u200bwidth\u200bspaces and a soft\u00adhyphen", "no-break\u00a0space\u2009thin",
    "[square] {curly} <angle> (round) |bars|", "a/b\\c_d-e.f,g;h:i!j?k", "…", "--help --version -x=1",
    "Mr. O'Neill's dog doesn't like Dr. Smith's cat.",
]

PARAGRAPHS = [
    "A kernel is fast when the data that it needs is already near it. The first level of the cache answers within a few "
    "cycles, the second within a dozen, and main memory takes hundreds. So a program that reads the same numbers again "
    "while they are near does many times the work of one that walks through all of memory for each result.",
    "Quando a noite caiu sobre a aldeia, as luzes das casas acenderam-se uma a uma, como estrelas que desciam do monte. "
    "A velha padeira fechou a porta, guardou a farinha e subiu devagar a rua de pedra, a pensar no pão do dia seguinte.",
    "Die Stadt lag still unter dem Schnee. Nur ein Bäcker war schon wach und trug Bretter voller Brötchen durch die "
    "Gasse, während aus den Schornsteinen der ersten Häuser dünner Rauch stieg und der Morgen langsam grau wurde.",
    "Le vieux pêcheur réparait son filet sur le quai. Chaque nœud lui rappelait une tempête, chaque trou un poisson trop "
    "fort pour lui; et quand le soleil se coucha, il n'avait pas fini, mais il souriait.",
    "Поезд шёл всю ночь через лес, и в окнах вагонов не было видно ничего, кроме редких огней далёких станций. Под утро "
    "проводница принесла чай, и пассажиры заговорили о погоде, о дороге и о том, кто их встретит.",
    "山の上の小さな家に、一人のおじいさんが住んでいました。毎朝早く起きて、庭の花に水をやり、鳥の声を聞きながらお茶を飲みました。",
    "从前有一座山,山上有一座庙。庙里的老和尚每天早上给小和尚讲故事,讲的是天上的云、地上的河,还有人心里的路。",
    "كان الرجل العجوز يجلس كل مساء أمام بيته ويحكي للأطفال قصصاً عن البحر والسفن والمدن البعيدة التي لم يرها أحد منهم.",
]

LONG = [
    " ".join(PARAGRAPHS[:2]), " ".join(PARAGRAPHS[2:5]), " ".join(PARAGRAPHS),
    " ".join(SHORT[:40]), " ".join(SHORT[40:70]),
    " ".join(f"item {number}: {number * number} pieces" for number in range(1, 30)),
]

SENTENCES = SHORT + PARAGRAPHS + LONG

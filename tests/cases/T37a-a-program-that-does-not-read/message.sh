printf "From: y\nSubject: x\n\n"
i=0
while [ $i -lt 4000 ]; do
  echo "a line of fifty bytes, again and again: $i"
  i=$((i + 1))
done
